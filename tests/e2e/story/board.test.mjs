// The board in the browser: an idea becomes a draft, a draft is called ready and planned, and taken back; with the mouse, by keyboard and
// with a finger on a phone. Labels and notes are written on the way.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { look, open, watched } from '../lib/browser.mjs';
import { begin, choosePrivacy, drop, fields, signIn } from '../lib/person.mjs';
import { demo, folder } from '../lib/programs.mjs';
import { Simulator } from '../lib/simulator.mjs';
import { mp4 } from '../lib/video.mjs';

const ZONE = 'Europe/Berlin';
const DAY_MS = 86_400_000;

let program, browser, simulator, video;

before(async () => {
  video = mp4(folder('video'), 'clip.mp4', 3);
  program = await demo();
  simulator = new Simulator(program.facts.simulator);
  browser = await open();
});

after(async () => {
  await browser?.close();
  if (program) assert.deepEqual(await program.stop(), { code: 0, signal: null }, 'the demo ends politely');
});

/** The middle of something on the page. */
async function middle(locator) {
  await locator.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await locator.boundingBox();
  return { x: x + width / 2, y: y + height / 2 };
}

const column = (page, name) => page.locator(`.board-col[data-drop="${name}"]`);
const card = (page, words) => page.locator('.bcard', { hasText: words });
const titles = (page, name) => column(page, name).locator('.bcard .ev-t').allTextContents();

/** Drags a card with the mouse to a place of a column. */
async function dragTo(page, from, to) {
  const start = await middle(from);
  await page.mouse.move(start.x, start.y);
  await page.mouse.down();
  const end = await middle(to);
  await page.mouse.move(end.x - 10, end.y, { steps: 8 });
  await page.mouse.move(end.x, end.y);
  await page.mouse.up();
}

/** Writes an idea down on the board that is open. */
async function note(page, words) {
  await page.getByLabel('New idea').fill(words);
  await page.getByRole('button', { name: 'Write down' }).click();
  await card(page, words).waitFor();
}

test('from the idea to the plan and back, by mouse and by keyboard', { timeout: 300_000 }, async () => {
  const { url } = program.facts;
  const { page, complaints } = await watched(browser, [url, program.facts.simulator], { timezoneId: ZONE });
  await signIn(page, url);
  await page.goto(`${url}/board`);
  await look(page, 'board-empty');
  await note(page, 'Milk at dawn');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'idea-new', 'the next idea can be typed at once');
  await note(page, 'A cat in the cellar');
  assert.deepEqual(await titles(page, 'ideas'), ['A cat in the cellar', 'Milk at dawn']);

  // Within the column by mouse, and back.
  await page.evaluate(() => { window.sameDocument = true; });
  await page.getByLabel('New idea').fill('half a thought');
  const low = await card(page, 'Milk at dawn').boundingBox();
  const from = await middle(card(page, 'A cat in the cellar'));
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(low.x + 40, low.y + low.height - 2, { steps: 8 });
  await page.mouse.move(low.x + 42, low.y + low.height - 1);
  await page.mouse.up();
  await page.waitForFunction(() => document.querySelector('.bcard .ev-t')?.textContent === 'Milk at dawn');
  assert.equal(await page.getByLabel('New idea').inputValue(), 'half a thought', 'a move takes nothing that is being typed');
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.waitForFunction(() => document.querySelector('.bcard .ev-t')?.textContent === 'A cat in the cellar');
  assert.equal(await page.evaluate(() => window.sameDocument), true, 'no reload');

  // A label for the idea, in its panel.
  await card(page, 'Milk at dawn').locator('.ev-open').click();
  await page.locator('#card').getByText('Labels', { exact: true }).click();
  await look(page, 'board-idea-panel');
  await page.locator('#card').getByLabel('New label').fill('Season');
  await page.getByRole('button', { name: 'Save labels' }).click();
  await card(page, 'Milk at dawn').locator('.lbl', { hasText: 'Season' }).waitFor();

  // The idea needs a file: dropping it among the drafts opens the page where one is chosen.
  await dragTo(page, card(page, 'Milk at dawn'), column(page, 'drafts').locator('.board-cards'));
  await page.waitForURL(/\/compose\?idea=/);
  await page.getByText('Your idea', { exact: true }).waitFor();
  await drop(page, video);
  await page.getByRole('checkbox', { name: /clip\.mp4/ }).waitFor();
  await look(page, 'compose-of-idea');
  await begin(page, 'clip.mp4', 'Moloko Demo');
  assert.equal(await page.getByLabel('Caption').inputValue(), 'Milk at dawn');
  await page.locator('#beside .lbl', { hasText: 'Season' }).waitFor();

  // A note beside the post, without losing what is being typed; one that is too long stays in its field, with the reason.
  await page.getByLabel('Caption').fill('Milk at dawn, and more');
  await page.locator('#beside').getByText('Your note').click();
  await page.getByLabel('Beside this post').fill('y'.repeat(501));
  await page.locator('#beside').getByRole('button', { name: 'Save', exact: true }).click();
  await page.locator('#beside #note-error').waitFor();
  assert.equal(await page.getByLabel('Beside this post').inputValue(), 'y'.repeat(501));
  assert.equal(await page.evaluate(() => document.activeElement.id), 'note');
  assert.equal(await page.getByLabel('Caption').inputValue(), 'Milk at dawn, and more');
  await look(page, 'compose-beside-refused');
  // A server that does not answer takes nothing away either.
  await page.route('**/note', (route) => route.abort());
  await page.getByLabel('Beside this post').fill('Ask Anna first');
  await page.locator('#beside').getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Not sent: no answer came.').waitFor();
  assert.equal(await page.getByLabel('Beside this post').inputValue(), 'Ask Anna first');
  await page.unroute('**/note');
  const told = complaints.splice(0).join('\n');
  assert.ok(/422/.test(told) && /ERR_FAILED/.test(told) && told.split('\n').every((line) => /422|ERR_FAILED/.test(line)), 'the browser tells of both, and of nothing else');
  await page.getByLabel('Beside this post').fill('Ask Anna first');
  await page.locator('#beside').getByRole('button', { name: 'Save', exact: true }).click();
  await page.waitForFunction(() => document.querySelector('#beside #note')?.textContent === 'Ask Anna first');
  assert.equal(await page.getByLabel('Caption').inputValue(), 'Milk at dawn, and more');
  await look(page, 'compose-beside');
  await choosePrivacy(page, 'Everyone');
  await page.locator('#delivery').getByRole('button', { name: /draft/i }).first().click();
  await page.waitForLoadState();

  // Called ready with the mouse, put back by keyboard.
  await page.goto(`${url}/board`);
  await dragTo(page, card(page, 'Milk at dawn'), column(page, 'ready').locator('.board-cards'));
  await column(page, 'ready').locator('.bcard', { hasText: 'Milk at dawn' }).waitFor();
  await column(page, 'ready').getByText('Ask Anna first').waitFor();
  await look(page, 'board');
  await card(page, 'Milk at dawn').locator('.ev-open').focus();
  await page.keyboard.press('m');
  await page.waitForFunction(() => /Left and right/.test(document.getElementById('board-say').textContent));
  await page.keyboard.press('ArrowLeft');
  assert.equal(await page.locator('#board-say').textContent(), 'Drafts, place 1 of 1');
  await page.keyboard.press('ArrowLeft');
  assert.match(await page.locator('#board-say').textContent(), /does not become an idea/);
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('#board-say').textContent(), 'Not moved.');
  await page.keyboard.press('m');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');
  await column(page, 'drafts').locator('.bcard', { hasText: 'Milk at dawn' }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.closest('.bcard')?.dataset.title), 'Milk at dawn, and more', 'the card keeps the focus');
  await page.waitForFunction(() => /now stands under “Drafts”/.test(document.getElementById('board-say').textContent));
  await page.getByRole('button', { name: 'Undo' }).click();
  await column(page, 'ready').locator('.bcard', { hasText: 'Milk at dawn' }).waitFor();

  // Among what is planned only by the post page, with its consent.
  await card(page, 'Milk at dawn').locator('.ev-open').focus();
  await page.keyboard.press('m');
  await page.keyboard.press('ArrowRight');
  assert.match(await page.locator('#board-say').textContent(), /opens the post page/);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/compose\/.*#date$/);
  const { date } = fields(await simulator.now() + 2 * DAY_MS, ZONE);
  await page.getByLabel('Date').fill(date);
  await page.getByLabel('Time', { exact: true }).fill('12:15');
  await page.getByRole('button', { name: 'Schedule', exact: true }).click();
  await page.waitForURL('**/queue');
  await page.goto(`${url}/board`);
  await column(page, 'scheduled').locator('.bcard', { hasText: 'Milk at dawn' }).waitFor();

  // Out of the plan it is a draft again, and the page says what that means.
  await dragTo(page, card(page, 'Milk at dawn'), column(page, 'drafts').locator('.board-cards'));
  await column(page, 'drafts').locator('.bcard', { hasText: 'Milk at dawn' }).waitFor();
  assert.match(await page.locator('#moved').textContent(), /consent is void/);
  await look(page, 'board-unplanned');
  await page.getByRole('link', { name: 'Plan it again' }).click();
  await page.waitForURL(/\/compose\//);
  assert.equal(await page.getByLabel('Time', { exact: true }).inputValue(), '12:15', 'the time still stands in its field');

  // One label alone, everywhere.
  await page.goto(`${url}/board`);
  await page.getByText(/^Label: any/).click();
  await page.locator('.cal-states').getByRole('link', { name: 'Season' }).click();
  await page.waitForURL(/label=/);
  assert.deepEqual(await titles(page, 'ideas'), []);
  assert.deepEqual(await titles(page, 'drafts'), ['Milk at dawn, and more']);
  await page.goto(`${url}/labels`);
  await look(page, 'labels');
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('on a phone one column at a time, and a card is dropped on the name of another', { timeout: 180_000 }, async () => {
  const { url } = program.facts;
  const { page, context, complaints } = await watched(browser, [url, program.facts.simulator], {
    timezoneId: ZONE, viewport: { width: 360, height: 780 }, hasTouch: true, isMobile: true,
  });
  await signIn(page, url);
  await page.goto(`${url}/board?col=drafts`);
  assert.equal(await page.locator('.board-col:visible').count(), 1);
  const draft = page.locator('.board-col:visible .bcard').first();
  const to = await middle(page.locator('.board-tabs a[data-drop=ready]'));
  const touch = await context.newCDPSession(page);
  const finger = (type, point) => touch.send('Input.dispatchTouchEvent', { type, touchPoints: point ? [point] : [] });
  const now = await middle(draft);
  await finger('touchStart', now);
  await page.locator('.ev.ghost').waitFor({ state: 'attached' });
  for (const part of [0.3, 0.6, 0.9, 1]) await finger('touchMove', { x: now.x + (to.x - now.x) * part, y: now.y + (to.y - now.y) * part });
  await finger('touchEnd');
  await page.locator('#moved').waitFor();
  assert.match(await page.locator('#moved').textContent(), /Ready/);
  await page.locator('.board-tabs a[data-drop=ready]').click();
  await page.waitForURL(/col=ready/);
  await page.locator('.board-col:visible .bcard').first().waitFor();
  await page.getByRole('button', { name: 'Русский' }).click();
  for (const col of ['ideas', 'ready']) {
    await page.goto(`${url}/board?col=${col}`);
    await look(page, `board-ru-${col}`);
  }
  assert.deepEqual(complaints, []);
  await context.close();
});
