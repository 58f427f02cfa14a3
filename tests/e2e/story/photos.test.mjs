// A photo post as a person makes it: three pictures dropped at once, put into another order, a cover, posted now; then what
// history says and what the simulated TikTok really fetched.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { look, open, watched } from '../lib/browser.mjs';
import { jpeg } from '../lib/picture.mjs';
import { choosePrivacy, drop, signIn } from '../lib/person.mjs';
import { demo, folder } from '../lib/programs.mjs';
import { Simulator } from '../lib/simulator.mjs';

let program, browser, simulator, pictures;

before(async () => {
  const place = folder('pictures');
  // The first chosen is by far the largest, so its last byte arrives last.
  pictures = [['first.jpg', 1080, 1920], ['second.jpg', 540, 720], ['third.jpg', 720, 960]].map(([name, width, height]) => jpeg(place, name, width, height));
  program = await demo();
  simulator = new Simulator(program.facts.simulator);
  browser = await open();
});

after(async () => {
  await browser?.close();
  if (program) assert.deepEqual(await program.stop(), { code: 0, signal: null }, 'the demo ends politely');
});

/** The names in the list of pictures, as they stand. */
const order = (page) => page.locator('ol.arrange .ttl').allTextContents();

test('three pictures are dropped together, reordered, given a cover and posted now', { timeout: 240_000 }, async () => {
  const { url } = program.facts;
  const { page, complaints } = await watched(browser, [url, program.facts.simulator]);
  await signIn(page, url);

  await page.goto(`${url}/compose`);
  await drop(page, pictures, 'image/jpeg');
  await page.waitForURL('**/compose?media=*');
  assert.equal(await page.getByRole('checkbox', { name: /^Photos/ }).isChecked(), true, 'what was dropped is picked');
  for (const name of ['first.jpg', 'second.jpg', 'third.jpg']) assert.equal(await page.getByRole('checkbox', { name: new RegExp(name) }).isChecked(), true, name);
  await look(page, 'photos-dropped');
  await page.getByRole('checkbox', { name: /Moloko Demo/ }).check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Title').waitFor();
  assert.deepEqual(await order(page), ['1. first.jpg', '2. second.jpg', '3. third.jpg'], 'they stand as they were chosen');

  await page.getByLabel('Title').fill('Backstage day');
  await page.getByLabel('Description').fill('Three looks from behind the milk bar');
  await page.getByRole('button', { name: 'Move picture 3 one place earlier' }).click();
  await page.getByText('2. third.jpg').waitFor();
  assert.deepEqual(await order(page), ['1. first.jpg', '2. third.jpg', '3. second.jpg']);
  assert.equal(await page.getByLabel('Title').inputValue(), 'Backstage day', 'moving a picture loses no word');
  await page.locator('ol.arrange > li').nth(1).getByRole('radio', { name: 'Cover' }).check();
  await choosePrivacy(page, 'Everyone');
  const title = await page.getByLabel('Title').boundingBox();
  assert.ok(title.height <= 48, `the title is one line high, not ${title.height} px`);
  await look(page, 'photos-ready');
  await page.getByRole('button', { name: 'Post now', exact: true }).click();
  await page.waitForURL('**/queue');

  const pace = simulator.hurry();
  const [post] = await simulator.until('the post', async () => {
    const posts = await simulator.posts();
    return posts.length > 0 && posts;
  });
  await page.getByText('Published', { exact: true }).locator('visible=true').first().waitFor({ timeout: 60_000 });
  pace.stop();
  assert.equal(post.is_photo, true);
  assert.equal(post.caption, 'Three looks from behind the milk bar');
  assert.equal(post.comment_disabled, true, 'what was not ticked is off');
  const wanted = [0, 2, 1].map((n) => readFileSync(pictures[n]));
  assert.deepEqual(post.files.map((file) => readFileSync(file).equals(wanted[post.files.indexOf(file)])), [true, true, true], 'every picture in its place');
  const init = (await simulator.journal()).find((call) => call.path.includes('/content/init'));
  assert.equal(JSON.parse(init.body.text).source_info.photo_cover_index, 1, 'the cover is the second one');

  await page.goto(`${url}/history`);
  await look(page, 'photos-history');
  await page.getByRole('link', { name: /Backstage day|Three looks/ }).first().click();
  for (const step of ['Publishing begun', 'TikTok says: published', 'Out']) await page.getByText(step, { exact: true }).first().waitFor();
  await look(page, 'photos-post');

  await page.goto(`${program.facts.simulator}/console`);
  await page.getByText('Three looks from behind the milk bar').first().waitFor();
  assert.ok(await page.locator('img').evaluateAll((all) => all.length > 0 && all.every((image) => image.complete && image.naturalWidth > 0)), 'the console shows what was fetched');
  // It does not load itself anew while somebody is at a field of it.
  await page.locator('main input:visible, main select:visible, input:visible').first().focus();
  await look(page, 'photos-simulator-console');

  assert.deepEqual(complaints, [], 'the browser had nothing to complain about');
  assert.deepEqual(await simulator.duplicates(), []);
  assert.deepEqual(await simulator.flags(), [], 'the simulator saw no breach of TikTok\'s rules');
  assert.doesNotMatch(program.errors, /panicked|ERROR/);
});
