// The library as an editor lives in it: two films, a search, both chosen and deleted with a receipt; and a cover picked from the
// frames of a film, with a script and without one, as it arrives at TikTok.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { look, open, watched } from '../lib/browser.mjs';
import { begin, choosePrivacy, signIn, upload } from '../lib/person.mjs';
import { demo, folder } from '../lib/programs.mjs';
import { Simulator } from '../lib/simulator.mjs';
import { mp4 } from '../lib/video.mjs';

let program, browser, simulator, place;

before(async () => {
  place = folder('library');
  program = await demo();
  simulator = new Simulator(program.facts.simulator);
  browser = await open();
});

after(async () => {
  await browser?.close();
  if (program) assert.deepEqual(await program.stop(), { code: 0, signal: null }, 'the demo ends politely');
});

const card = (page, name) => page.locator('section.card', { has: page.getByRole('heading', { name, exact: true }) });

test('two films are found by a word, chosen together and deleted with a receipt', { timeout: 240_000 }, async () => {
  const { url } = program.facts;
  const { page, complaints } = await watched(browser, [url, program.facts.simulator]);
  await signIn(page, url);
  await upload(page, url, mp4(place, 'harbour-dawn.mp4', 3));
  await upload(page, url, mp4(place, 'harbour-dusk.mp4', 4));
  await page.goto(`${url}/library`);
  await card(page, 'harbour-dusk.mp4').getByText('No post uses it.').waitFor();
  await look(page, 'library');
  await page.getByLabel('Search names and tags').fill('HARBOUR');
  await page.getByLabel('Order').selectOption({ label: 'Largest first' });
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await page.waitForURL('**/library?q=HARBOUR*sort=largest*');
  const names = await page.locator('section.card h2.ttl').allTextContents();
  assert.deepEqual(names, ['harbour-dusk.mp4', 'harbour-dawn.mp4']);
  for (const name of names) await card(page, name).getByRole('checkbox', { name: `Choose ${name}` }).check();
  await page.getByLabel('Tags to add').fill('morning, #Milk bar');
  await page.getByRole('button', { name: 'Add tags' }).click();
  await page.getByText('The tags are added.').waitFor();
  await card(page, 'harbour-dusk.mp4').getByText('Change tags').click();
  await card(page, 'harbour-dusk.mp4').getByRole('combobox', { name: 'Tags', exact: true }).fill('evening, milk bar');
  await card(page, 'harbour-dusk.mp4').getByRole('button', { name: 'Save tags' }).click();
  await page.getByText('Tags saved.').waitFor();
  await card(page, 'harbour-dawn.mp4').getByRole('link', { name: 'morning' }).click();
  await page.waitForURL('**/library?tag=morning');
  assert.deepEqual(await page.locator('section.card h2.ttl').allTextContents(), ['harbour-dawn.mp4']);
  await page.getByLabel('Tag', { exact: true }).selectOption({ label: 'Milk bar (2)' });
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await page.waitForURL('**/library?*tag=Milk*');
  await look(page, 'library-tags');
  for (const name of names) await card(page, name).getByRole('checkbox', { name: `Choose ${name}` }).check();
  await page.getByRole('button', { name: 'Delete …' }).click();
  await page.getByRole('heading', { name: /^2 files, .* will be deleted$/ }).waitFor();
  await look(page, 'library-delete');
  await page.getByRole('button', { name: 'Delete 2 files' }).click();
  await page.getByRole('heading', { name: /^2 files deleted, / }).waitFor();
  await page.getByText('Gone from backups by').waitFor();
  await look(page, 'library-receipt');
  await page.getByRole('link', { name: 'Back to the library' }).click();
  assert.equal(await page.getByRole('heading', { name: /harbour/ }).count(), 0);
  // The receipt is found again, by name, where everything held is told.
  await page.goto(`${url}/your-data`);
  await page.getByRole('link', { name: 'Receipts', exact: true }).click();
  await page.getByRole('heading', { name: 'Files from the library' }).waitFor();
  await look(page, 'receipts');
  await page.getByRole('link', { name: /^Open the receipt: 2 files deleted/ }).click();
  await page.getByText('harbour-dawn.mp4').waitFor();
  assert.deepEqual(complaints, []);
});

for (const script of [true, false]) {
  test(`a cover picked from the frames arrives at TikTok, ${script ? 'with' : 'without'} a script`, { timeout: 240_000 }, async () => {
    const { url } = program.facts;
    const before = (await simulator.posts()).length;
    const { page, context } = await watched(browser, [url, program.facts.simulator]);
    await signIn(page, url);
    const name = script ? 'waves.mp4' : 'dunes.mp4';
    await upload(page, url, mp4(place, name, script ? 8 : 6));
    // The frames are there when the cover is; the page tells so when it is asked again.
    await simulator.until('the cover', async () => {
      await page.goto(`${url}/library`);
      return (await page.locator(`section.card:has(h2:text-is("${name}")) .thumb img`).count()) > 0;
    });
    await page.goto(`${url}/compose`);
    await begin(page, name, 'Moloko Demo');
    let hand = page;
    if (!script) {
      const bare = await browser.newContext({ javaScriptEnabled: false, locale: 'en-GB', storageState: await context.storageState() });
      hand = await bare.newPage();
      await hand.goto(page.url());
    }
    await hand.getByLabel('Caption').fill(name);
    await choosePrivacy(hand, 'Everyone');
    const frames = hand.getByRole('radiogroup').locator('.covers input');
    assert.equal(await frames.count(), 8);
    await frames.nth(0).focus();
    await frames.nth(0).press('ArrowRight');
    await hand.keyboard.press('ArrowRight');
    await hand.keyboard.press('ArrowRight');
    const picked = Number(await frames.nth(3).getAttribute('value'));
    // The arrows move along the film.
    await hand.locator('.covers label:nth-child(4) input:checked').waitFor({ state: 'attached' });
    if (script) await look(hand, 'library-cover');
    await hand.getByRole('button', { name: 'Post now' }).click();
    await hand.waitForURL('**/queue');
    const pace = simulator.hurry();
    const posts = await simulator.until('the post', async () => {
      const all = await simulator.posts();
      return all.length > before && all;
    });
    pace.stop();
    const post = posts.find((one) => one.caption === name);
    assert.ok(picked > 0 && Math.abs(post.cover_ms - picked) <= 50, `${post.cover_ms} is not ${picked}`);
    await context.close();
    if (!script) await hand.context().close();
  });
}

test('kept texts go into a caption by one press, and a tag leaves its own draft in the calendar', { timeout: 240_000 }, async () => {
  const { url } = program.facts;
  const { page, complaints } = await watched(browser, [url, program.facts.simulator]);
  await signIn(page, url);
  await page.goto(`${url}/settings`);
  await page.getByRole('link', { name: 'Keep and change texts' }).click();
  const keep = async (kind, name, words) => {
    await page.getByLabel('What it is').selectOption({ label: kind });
    await page.getByLabel('Name').first().fill(name);
    await page.getByLabel('Text', { exact: true }).first().fill(words);
    await page.getByRole('button', { name: 'Keep it' }).click();
  };
  await keep('Sentences', 'Greeting', 'Good morning from the dairy.');
  await page.getByText('Kept.').waitFor();
  await keep('Hashtags', 'Dairy', ', #');
  await page.getByText('There is no text to keep.').first().waitFor();
  assert.equal(await page.getByLabel('Name').first().inputValue(), 'Dairy', 'what was typed is still there');
  await look(page, 'snippets-refused');
  await keep('Hashtags', 'Dairy', 'milk, #Cow #milk');
  await page.locator('p.snippet-words', { hasText: '#milk #Cow' }).waitFor();
  await look(page, 'snippets');

  await upload(page, url, mp4(place, 'bottles.mp4', 5));
  await page.goto(`${url}/library`);
  await card(page, 'bottles.mp4').getByText('Change tags').click();
  await card(page, 'bottles.mp4').getByRole('combobox', { name: 'Tags', exact: true }).fill('glass');
  await card(page, 'bottles.mp4').getByRole('button', { name: 'Save tags' }).click();
  await page.getByText('Tags saved.').waitFor();
  await page.goto(`${url}/compose`);
  await begin(page, 'bottles.mp4', 'Moloko Demo');
  await page.getByLabel('Caption').fill('Bottles!');
  await page.locator('.snippets > summary').click();
  await page.getByRole('button', { name: /^Put in ?: Dairy$/ }).click();
  await page.getByLabel('Caption').press('Control+Home');
  const saved = page.waitForResponse((answer) => answer.request().method() === 'PUT' && answer.url().endsWith('/draft') && answer.ok()
    && answer.request().postData().includes('dairy'));
  await page.getByRole('button', { name: /^Put in ?: Greeting$/ }).click();
  assert.equal(await page.getByLabel('Caption').inputValue(), 'Good morning from the dairy. Bottles! #milk #Cow');
  await saved;
  await look(page, 'compose-snippets');

  await page.goto(`${url}/calendar`);
  const drafts = page.locator('.cal-drafts li');
  await page.locator('summary', { hasText: 'Tag' }).click();
  await page.getByRole('link', { name: 'glass', exact: true }).click();
  await page.waitForURL('**/calendar?*tag=glass*');
  assert.equal(await drafts.count(), 1);
  await drafts.getByText('Good morning from the dairy').waitFor();
  await look(page, 'calendar-tag');
  await page.goto(`${url}/calendar?tag=nothing+has+it`);
  await page.getByRole('link', { name: 'nothing has it' }).waitFor();
  assert.equal(await drafts.count(), 0, 'a tag that no file has leaves nothing');
  // The browser itself complains about the page that was refused, as it should.
  assert.deepEqual(complaints.filter((one) => !one.includes('status of 422')), []);
});

