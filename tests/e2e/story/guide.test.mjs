// The first steps in the browser: somebody new comes from an empty queue to the first planned post by nothing but the list that stands there.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { look, open, watched } from '../lib/browser.mjs';
import { choosePrivacy, drop, signIn } from '../lib/person.mjs';
import { Pair } from '../lib/pair.mjs';
import { folder } from '../lib/programs.mjs';
import { mp4 } from '../lib/video.mjs';

let pair, browser, video;

before(async () => {
  video = mp4(folder('video'), 'first.mp4', 3);
  pair = await Pair.start('guide', { MOLOKO_TIKTOK_APP: 'unaudited' });
  browser = await open();
});

after(async () => {
  await browser?.close();
  await pair?.stop();
});

/** The words of the steps that are ticked. */
const ticked = (page) => page.locator('.guide-step.is-done b').allTextContents();

test('from an empty workspace to the first planned post by the guide alone', { timeout: 240_000 }, async () => {
  const { url } = pair;
  const { page, context, complaints } = await watched(browser, [url, pair.settings.MOLOKO_TIKTOK_API_URL], { timezoneId: 'Europe/Berlin' });
  await signIn(page, url, { who: 'Careful Creator' });
  await page.getByRole('heading', { name: 'First steps' }).waitFor();
  assert.deepEqual(await ticked(page), ['Connect a TikTok account'], 'signing in has connected one');
  await look(page, 'guide');

  // Samples are ideas, and drafts of pictures that the program draws; one press takes them all away.
  await page.getByRole('button', { name: 'Put samples on the board' }).click();
  await page.waitForURL(/\/board/);
  assert.equal(await page.locator('.bcard').count(), 6);
  assert.equal(await page.locator('.bcard', { hasText: 'Sample' }).count(), 6);
  await look(page, 'board-samples');
  await page.getByRole('button', { name: 'Remove all samples' }).click();
  await page.waitForFunction(() => document.querySelectorAll('.bcard').length === 0);

  // Put away and brought back.
  await page.goto(`${url}/queue`);
  await page.getByRole('button', { name: 'Put away' }).click();
  await page.getByRole('heading', { name: 'First steps' }).waitFor({ state: 'detached' });
  await page.goto(`${url}/settings`);
  await page.getByRole('button', { name: 'Show them again' }).click();
  await page.getByRole('heading', { name: 'First steps' }).waitFor();

  await page.getByRole('link', { name: 'Choose a file' }).click();
  await drop(page, video);
  await page.getByRole('checkbox', { name: /first\.mp4/ }).waitFor();
  await page.goto(`${url}/queue`);
  assert.deepEqual(await ticked(page), ['Connect a TikTok account', 'Bring in your first video or photos']);
  await page.getByRole('link', { name: 'Choose slots' }).click();
  await page.getByRole('heading', { name: /^The week of/ }).waitFor();
  await page.locator('td[data-day="3"][data-hour="11"]').click();
  await page.getByRole('button', { name: 'Save', exact: true }).last().click();
  await page.getByText('Saved.').waitFor();
  await page.goto(`${url}/queue`);
  assert.equal((await ticked(page)).length, 3);
  await page.getByRole('link', { name: 'Plan a post' }).click();
  await page.getByRole('checkbox', { name: /first\.mp4/ }).check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByLabel('Caption').fill('My first post');
  await page.getByText('TikTok has not audited this service yet.').waitFor();
  await look(page, 'compose-unaudited');
  await choosePrivacy(page, 'Only you');
  await page.getByRole('button', { name: /^Next free slot/ }).click();
  await page.waitForFunction(() => document.querySelector('#time').value === '11:00');
  await page.getByRole('button', { name: 'Schedule', exact: true }).click();
  await page.waitForURL('**/queue');
  assert.equal(await page.getByRole('heading', { name: 'First steps' }).count(), 0, 'gone when it is done');
  await page.getByText('My first post').first().waitFor();
  await page.goto(`${url}/connections`);
  await page.getByText('TikTok has not audited this service yet.').waitFor();
  await look(page, 'connections-unaudited');

  await page.getByRole('button', { name: 'Русский' }).click();
  await page.goto(`${url}/board`);
  await look(page, 'board-ru');
  assert.deepEqual(complaints, []);
  await context.close();
});
