// The week of an account in the browser: slots by mouse and by keyboard, a day copied, the next free slot on the post page, posts that get
// other times together and back, and a rest that keeps posts until it ends.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { look, open, watched } from '../lib/browser.mjs';
import { begin, choosePrivacy, fields, signIn, upload } from '../lib/person.mjs';
import { demo, folder } from '../lib/programs.mjs';
import { Simulator } from '../lib/simulator.mjs';
import { mp4 } from '../lib/video.mjs';

const ZONE = 'Europe/Berlin';
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

const slots = (page) => page.locator('#week-table input[name=slot]:checked').evaluateAll((boxes) => boxes.map((box) => box.value).sort());

test('a week is drawn, used, arranged and rested', { timeout: 120_000 }, async () => {
  const { url } = program.facts;
  const { page, complaints } = await watched(browser, [url, program.facts.simulator], { timezoneId: ZONE });
  await signIn(page, url);

  // A click adds a slot, a drag moves it, arrow keys move it further; a time is added to several days, a day copied to others.
  await page.goto(`${url}/connections`);
  await page.getByRole('link', { name: 'Slots and pause' }).first().click();
  await page.getByRole('heading', { name: /^The week of/ }).waitFor();
  const week = page.url();
  await page.locator('td[data-day="1"][data-hour="9"]').click();
  assert.deepEqual(await slots(page), ['1-09:00']);
  const from = await middle(page.locator('.slot').first());
  const to = await middle(page.locator('td[data-day="3"][data-hour="11"]'));
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x - 10, to.y, { steps: 6 });
  await page.mouse.move(to.x, to.y);
  await page.mouse.up();
  assert.deepEqual(await slots(page), ['3-11:00']);
  await page.locator('.slot input').first().focus();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowDown');
  assert.deepEqual(await slots(page), ['2-11:15']);
  assert.match(await page.locator('#week-say').textContent(), /Tuesday 11:15/, 'each step is said');
  await page.getByLabel('Smallest gap between posts, minutes').fill('30');
  await page.getByRole('button', { name: 'Save', exact: true }).last().click();
  await page.getByText('Saved.').waitFor();
  // What is wrong is told at its own field, and what was typed stays.
  await page.getByLabel('Time', { exact: true }).fill('18:00');
  await page.getByRole('button', { name: 'Add and save' }).click();
  await page.locator('#day-error').waitFor();
  assert.equal(await page.locator('.error').count(), 1);
  assert.match(complaints.splice(0).join(), /^console: .* 422 /, 'the refusal is all that the console tells');
  for (const day of ['Tuesday', 'Friday']) await page.getByRole('group', { name: 'On', exact: true }).getByRole('checkbox', { name: day }).check({ force: true });
  await page.getByRole('button', { name: 'Add and save' }).click();
  await page.locator('input[value="5-18:00"]').waitFor();
  await page.getByLabel('The slots of').selectOption('2');
  for (const day of ['Monday', 'Wednesday', 'Thursday']) await page.getByRole('group', { name: 'in place of those of' }).getByRole('checkbox', { name: day }).check({ force: true });
  await page.getByRole('button', { name: 'Copy and save' }).click();
  await page.locator('input[value="4-11:15"]').waitFor();
  assert.deepEqual(await slots(page), ['1-11:15', '1-18:00', '2-11:15', '2-18:00', '3-11:15', '3-18:00', '4-11:15', '4-18:00', '5-18:00']);
  // The space bar removes one.
  await page.locator('input[value="1-11:15"]').focus();
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Save', exact: true }).last().click();
  await page.getByText('Saved.').waitFor();
  assert.equal(await page.locator('input[value="1-11:15"]').count(), 0);
  await look(page, 'rhythm');

  // The next free slot fills the time; a time too close to it is refused with the reason.
  await upload(page, url, video);
  await begin(page, 'clip.mp4', 'Moloko Demo');
  await page.getByLabel('Caption').fill('One in a slot');
  await choosePrivacy(page, 'Everyone');
  const next = page.getByRole('button', { name: /^Next free slot/ });
  await next.click();
  await page.waitForFunction(() => ['11:15', '18:00'].includes(document.querySelector('#time').value));
  const date = await page.getByLabel('Date').inputValue();
  const time = await page.getByLabel('Time', { exact: true }).inputValue();
  assert.equal(await page.getByLabel('Caption').inputValue(), 'One in a slot', 'nothing typed is lost');
  await page.getByRole('button', { name: 'Schedule', exact: true }).click();
  await page.waitForURL('**/queue');
  await upload(page, url, video);
  await begin(page, 'clip.mp4', 'Moloko Demo');
  await page.getByLabel('Caption').fill('Two too close');
  await choosePrivacy(page, 'Everyone');
  await page.getByLabel('Date').fill(date);
  await page.getByLabel('Time', { exact: true }).fill(time.replace(/\d$/, '9').replace(':15', ':29'));
  await page.getByRole('button', { name: 'Schedule', exact: true }).click();
  await page.getByText(/less than the 30 minutes apart/).first().waitFor();
  assert.match(complaints.splice(0).join(), /^console: .* 422 /, 'the refusal is all that the console tells');
  const far = fields(await simulator.now() + 9 * 86_400_000, ZONE);
  await page.getByLabel('Date').fill(far.date);
  await page.getByLabel('Time', { exact: true }).fill('06:40');
  await page.getByRole('button', { name: 'Schedule', exact: true }).click();
  await page.waitForURL('**/queue');

  // Both get the next free slots together, and go back.
  await page.getByRole('link', { name: 'Rearrange' }).click();
  await page.getByRole('link', { name: 'Tick all' }).click();
  await page.getByRole('button', { name: 'Review' }).click();
  await page.getByRole('heading', { name: 'New times' }).waitFor();
  assert.equal(await page.locator('[data-arranged]').count(), 2);
  assert.match(await page.locator('form').last().textContent() + await page.locator('main').textContent(), /Music Usage Confirmation/);
  await look(page, 'arrange-review');
  await page.getByRole('button', { name: /^Move 2 posts/ }).click();
  await page.locator('#arranged').waitFor();
  assert.doesNotMatch(await page.locator('#arranged').textContent(), /06:40/);
  // The way back is still there for whoever went elsewhere and comes back.
  await page.getByRole('link', { name: 'Queue' }).first().click();
  await page.waitForURL('**/queue');
  await page.goBack();
  await page.reload();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('heading', { name: /back at their times/ }).waitFor();
  assert.match(await page.locator('#arranged').textContent(), /06:40/);

  // Paused, a due post waits; resumed, it goes.
  await page.goto(week);
  // Whatever the hour is, "now" must not be too close to a slot that is taken.
  await page.getByLabel('Smallest gap between posts, minutes').fill('0');
  await page.getByRole('button', { name: 'Save', exact: true }).last().click();
  await page.getByText('Saved.').waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('is paused.').first().waitFor();
  await page.goto(`${url}/queue`);
  await page.getByText('is paused.').first().waitFor();
  await page.getByRole('link', { name: 'Two too close' }).first().click();
  await page.waitForURL('**/posts/*');
  const post = page.url();
  await page.goto(`${post}/move`);
  await Promise.all([page.waitForResponse((answer) => answer.request().method() === 'POST'), page.getByRole('button', { name: 'Post now' }).click()]);
  await page.goto(`${url}/queue`);
  await simulator.advance(90_000);
  assert.equal((await simulator.posts()).length, 0, 'nothing goes out');
  await page.goto(week);
  await page.getByRole('link', { name: 'Resume' }).click();
  await page.getByText(/goes out now/).waitFor();
  await page.getByText('Two too close').waitFor();
  await look(page, 'resume');
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  await simulator.until('the post that waited', async (it) => (await it.posts()).length === 1);
  assert.deepEqual(complaints, []);
});
