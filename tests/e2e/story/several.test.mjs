// Several films in one go: dropped together, one draft each, from one to the next, and each with its own consent.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { look, open, watched } from '../lib/browser.mjs';
import { choosePrivacy, drop, signIn } from '../lib/person.mjs';
import { demo, folder } from '../lib/programs.mjs';
import { Simulator } from '../lib/simulator.mjs';
import { mp4 } from '../lib/video.mjs';

let program, browser, simulator, films;

before(async () => {
  const place = folder('several');
  films = [2, 3, 4].map((seconds) => mp4(place, `film-${seconds}.mp4`, seconds));
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
  assert.deepEqual(complaints, []);
});
