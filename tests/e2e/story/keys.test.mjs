// Keys: the list that `?` opens, moving about without a mouse, the switch that turns them off; and a caption counted, marked and copied.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { look, open, watched } from '../lib/browser.mjs';
import { begin, signIn, upload } from '../lib/person.mjs';
import { demo, folder } from '../lib/programs.mjs';
import { Simulator } from '../lib/simulator.mjs';
import { mp4 } from '../lib/video.mjs';

let program, browser, simulator, film;

before(async () => {
  film = mp4(folder('keys'), 'keys.mp4', 2);
  program = await demo();
  simulator = new Simulator(program.facts.simulator);
  browser = await open();
});

after(async () => {
  await browser?.close();
  if (program) assert.deepEqual(await program.stop(), { code: 0, signal: null }, 'the demo ends politely');
});

test('single keys lead through the pages, rest while somebody types, and can be turned off', { timeout: 240_000 }, async () => {
  const { url } = program.facts;
  const { page, context, complaints } = await watched(browser, [url, program.facts.simulator]);
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: url });
  const sent = (await simulator.posts()).length;
  await signIn(page, url);
  await upload(page, url, film);
  await begin(page, 'keys.mp4', 'Moloko Demo');

  await page.locator('h1').click();
  await page.keyboard.press('?');
  await page.getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor();
  await look(page, 'keys-list');
  await page.keyboard.press('Escape');
  await page.keyboard.press('e');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'caption');
  // In the field the same keys are letters.
  await page.keyboard.type('ensemble? #milk and #утро with @mila.bakes.');
  assert.equal(await page.getByLabel('Caption').inputValue(), 'ensemble? #milk and #утро with @mila.bakes.');
  assert.equal(await page.locator('[data-count-hashtags]').textContent(), '2');
  assert.equal(await page.locator('[data-count-mentions]').textContent(), '1');
  assert.deepEqual(await page.locator('#preview-caption .tagged').allTextContents(), ['#milk', '#утро', '@mila.bakes']);
  await page.getByRole('button', { name: 'Copy caption' }).click();
  await page.getByText('The caption is copied.').waitFor({ state: 'attached' });
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'ensemble? #milk and #утро with @mila.bakes.');
  await look(page, 'keys-caption');
  await page.locator('h1').click();
  await page.keyboard.press('s');
  await page.getByText('Draft saved.').waitFor();
  // The server marks and counts as the script does.
  assert.deepEqual(await page.locator('#preview-caption .tagged').allTextContents(), ['#milk', '#утро', '@mila.bakes']);
  assert.equal(await page.locator('[data-count-hashtags]').textContent(), '2');

  await page.keyboard.press('c');
  await page.waitForURL('**/calendar*');
  const heading = await page.locator('h1').textContent();
  await page.keyboard.press(']');
  await page.waitForFunction((before) => document.querySelector('h1')?.textContent !== before, heading);
  await page.keyboard.press('t');
  await page.waitForFunction((before) => document.querySelector('h1')?.textContent === before, heading);
  await page.keyboard.press('q');
  await page.waitForURL('**/queue');
  await page.keyboard.press('j');
  assert.equal(await page.evaluate(() => document.activeElement?.matches('#queue a.bottle, #queue a.ttl')), true, 'a post has the focus');
  await look(page, 'keys-queue');

  await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
  await page.getByLabel('Single keys do something').uncheck();
  await page.getByRole('button', { name: 'Close' }).click();
  await page.reload();
  await page.keyboard.press('c');
  await page.keyboard.press('?');
  assert.equal(await page.locator('dialog#keys').isVisible(), false);
  assert.match(page.url(), /\/queue$/, 'switched off, no key does anything');
  assert.equal((await simulator.posts()).length, sent, 'no key sends anything');
  assert.deepEqual(complaints, []);
});
