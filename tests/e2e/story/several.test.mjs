// Several films in one go: dropped together, one draft each, from one to the next, and each with its own consent.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { look, open, watched } from '../lib/browser.mjs';
import { choosePrivacy, drop, fields, signIn } from '../lib/person.mjs';
import { demo, folder } from '../lib/programs.mjs';
import { Simulator } from '../lib/simulator.mjs';
import { mp4 } from '../lib/video.mjs';

let program, browser, simulator, films, kept;

before(async () => {
  const place = folder('several');
  films = [2, 3, 4].map((seconds) => mp4(place, `film-${seconds}.mp4`, seconds));
  kept = mp4(place, 'kept.mp4', 5);
  program = await demo();
  simulator = new Simulator(program.facts.simulator);
  browser = await open();
});

after(async () => {
  await browser?.close();
  if (program) assert.deepEqual(await program.stop(), { code: 0, signal: null }, 'the demo ends politely');
});

test('three films dropped together become three drafts, each sent by its own press', { timeout: 240_000 }, async () => {
  const { url } = program.facts;
  const { page, complaints } = await watched(browser, [url, program.facts.simulator]);
  const sentBefore = (await simulator.posts()).length;
  await signIn(page, url);
  await page.goto(`${url}/compose`);
  await drop(page, films);
  await page.waitForURL('**/compose?media=*');
  for (const n of [2, 3, 4]) assert.equal(await page.getByRole('checkbox', { name: new RegExp(`film-${n}`) }).isChecked(), true, `film-${n}`);
  await look(page, 'several-dropped');
  await page.getByRole('checkbox', { name: /Moloko Demo/ }).check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByText('Post 1 of 3').waitFor();
  const strip = page.getByRole('navigation', { name: 'Posts begun together' });
  assert.deepEqual(await strip.locator('.ttl').allTextContents(), ['film-2.mp4', 'film-3.mp4', 'film-4.mp4']);
  assert.equal(await page.locator('input[name=privacy]:checked').count(), 0, 'no audience is chosen for anybody');
  await look(page, 'several-first');
  await strip.getByRole('link', { name: 'Next' }).click();
  await page.getByText('Post 2 of 3').waitFor();
  await strip.getByRole('link', { name: 'Previous' }).click();
  await page.getByText('Post 1 of 3').waitFor();

  await page.getByLabel('Caption').fill('The first of three');
  await choosePrivacy(page, 'Everyone');
  await page.getByRole('button', { name: 'Post now', exact: true }).click();
  // The next draft of the batch opens by itself; nothing of the first one's choices went over to it.
  await page.getByText('Post 2 of 3').waitFor();
  assert.equal(await page.getByLabel('Caption').inputValue(), '');
  assert.equal(await page.locator('input[name=privacy]:checked').count(), 0);
  const pace = simulator.hurry();
  const posts = await simulator.until('the first post', async () => {
    const all = await simulator.posts();
    return all.length > sentBefore && all;
  });
  pace.stop();
  assert.equal(posts.length, sentBefore + 1, 'only what was agreed to was sent');
  // The strip leads to the form of what is a draft, and to the post itself of what is not.
  await page.reload();
  const strip2 = page.getByRole('navigation', { name: 'Posts begun together' });
  const paths = await strip2.locator('ol a').evaluateAll((links) => links.map((link) => new URL(link.href).pathname.split('/')[1]));
  assert.deepEqual(paths, ['posts', 'compose', 'compose']);

  // A planned post is not saved while somebody types: whoever leaves its form with changes is asked, whoever changed nothing is not.
  await page.getByLabel('Caption').fill('The second of three');
  await choosePrivacy(page, 'Everyone');
  const later = fields(await simulator.now() + 3 * 86_400_000, 'Europe/Berlin');
  await page.getByLabel('Date').fill(later.date);
  await page.getByLabel('Time', { exact: true }).fill(later.time);
  const second = page.url();
  await page.getByRole('button', { name: 'Schedule', exact: true }).click();
  await page.getByText('Post 3 of 3').waitFor();
  const asked = [];
  page.on('dialog', (dialog) => {
    asked.push(dialog.type());
    void dialog.dismiss();
  });
  await page.goto(second);
  await page.getByText('This post is scheduled.').waitFor();
  await page.goto(`${url}/queue`);
  assert.deepEqual(asked, [], 'nothing was changed');
  await page.goto(second);
  await page.getByLabel('Caption').fill('The second of three, changed');
  await page.goto(`${url}/queue`).catch(() => {});
  assert.deepEqual(asked, ['beforeunload']);
  assert.equal(await page.getByLabel('Caption').inputValue(), 'The second of three, changed', 'and stays where they were');
  assert.deepEqual(complaints, []);
});

test('an upload client that cannot be fetched is told of, and the chosen film is kept', { timeout: 120_000 }, async () => {
  const { url } = program.facts;
  const { page, complaints } = await watched(browser, [url, program.facts.simulator]);
  await signIn(page, url);
  await page.route('**/assets/tus-*', (route) => route.abort());
  await page.goto(`${url}/compose`);
  await drop(page, kept);
  await page.getByText('Connection lost').waitFor();
  const row = page.locator('[data-upload-list] > *', { hasText: 'kept' });
  await row.getByRole('button', { name: 'Go on' }).waitFor({ timeout: 60_000 });
  await look(page, 'upload-no-client');
  await page.unroute('**/assets/tus-*');
  await row.getByRole('button', { name: 'Go on' }).click();
  await page.waitForURL('**/compose?media=*');
  assert.equal(await page.getByRole('checkbox', { name: /kept/ }).isChecked(), true);
  assert.ok(complaints.every((line) => /ERR_FAILED/.test(line)), complaints.join());
  await page.context().close();
});

test('a server without room says so, is not asked again by itself, and keeps the chosen film', { timeout: 120_000 }, async () => {
  const { url } = program.facts;
  const { page, complaints } = await watched(browser, [url, program.facts.simulator]);
  await signIn(page, url);
  let asked = 0;
  const full = (route) => {
    asked += 1;
    return route.fulfill({ status: 507, contentType: 'application/problem+json', body: JSON.stringify({ status: 507, detail: 'This server has no room for uploads.' }) });
  };
  await page.route('**/api/v1/uploads', full);
  await page.goto(`${url}/compose`);
  await drop(page, kept);
  const row = page.locator('[data-upload-list] > *', { hasText: 'kept' });
  await row.getByText('This server has no room for uploads.').waitFor();
  await row.getByRole('button', { name: 'Go on' }).waitFor();
  assert.equal(asked, 1);
  await look(page, 'upload-no-room');
  await page.unroute('**/api/v1/uploads');
  await row.getByRole('button', { name: 'Go on' }).click();
  await page.waitForURL('**/compose?media=*');
  assert.ok(complaints.every((line) => /507/.test(line)), complaints.join());
  await page.context().close();
});
