// The calendar in the browser: a post is dragged with the mouse, moved by keyboard, lifted with a finger, and each time put back.
// Every view is looked at on a phone and on a wide screen, in both themes and both languages.
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

/** A wall-clock day so many days from the simulator's today. */
async function dayFrom(days) {
  return fields(await simulator.now() + days * DAY_MS, ZONE).date;
}

/** Fills the post page that is open and schedules it for a wall-clock time. */
async function schedule(page, caption, date, time) {
  await page.getByLabel('Caption').fill(caption);
  await choosePrivacy(page, 'Everyone');
  await page.getByLabel('Date').fill(date);
  await page.getByLabel('Time', { exact: true }).fill(time);
  await page.getByRole('button', { name: 'Schedule', exact: true }).click();
  await page.waitForURL('**/queue');
}

/** The middle of something on the page. */
async function middle(locator) {
  await locator.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await locator.boundingBox();
  return { x: x + width / 2, y: y + height / 2 };
}

/** Agrees to the time in the panel and waits until the server says so. */
async function agree(page, at) {
  const panel = page.locator('#move');
  await panel.getByRole('button', { name: 'Move' }).waitFor();
  assert.match(await panel.textContent(), /Music Usage Confirmation/, 'the declaration stands beside the button');
  assert.equal(await panel.getByLabel('Time', { exact: true }).inputValue(), at);
  await page.keyboard.press('Enter');
  await page.locator('#moved').waitFor();
}

/** The card of the one post. */
const card = (page) => page.locator('.ev[data-post]').first();

test('a post is moved by mouse, by keyboard and by finger, and back again', { timeout: 300_000 }, async () => {
  const { url } = program.facts;
  const { page, complaints } = await watched(browser, [url, program.facts.simulator], { timezoneId: ZONE });
  await signIn(page, url);
  const [day, next] = [await dayFrom(2), await dayFrom(3)];

  // A free hour opens the composer with its time.
  await page.goto(`${url}/calendar?view=day&date=${day}`);
  await look(page, 'calendar-empty-day');
  await page.goto(`${url}/compose?at=${day}T12:00`);
  await drop(page, video);
  await page.getByRole('checkbox', { name: /clip\.mp4/ }).waitFor();
  assert.match(page.url(), new RegExp(`at=${day}T12:00`), 'the upload keeps the time');
  await begin(page, 'clip.mp4', 'Moloko Demo');
  assert.equal(await page.getByLabel('Date').inputValue(), day);
  assert.equal(await page.getByLabel('Time', { exact: true }).inputValue(), '12:00');
  await schedule(page, 'Noon at the milk bar', day, '12:15');

  // With the mouse, from one hour to another; the minutes stay.
  const dayPage = `${url}/calendar?view=day&date=${day}`;
  await page.goto(dayPage);
  const from = await middle(card(page));
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  const to = await middle(page.locator(`[data-at="${day}T15:00"]`));
  await page.mouse.move(to.x - 20, to.y, { steps: 8 });
  await page.mouse.move(to.x, to.y);
  await page.mouse.up();
  await agree(page, '15:15');
  assert.equal(await card(page).getAttribute('data-local'), `${day}T15:15`);
  await page.evaluate(() => { window.sameDocument = true; });
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.locator(`[data-local="${day}T12:15"]`).waitFor();
  assert.equal(await page.evaluate(() => window.sameDocument), true, 'no reload');
  assert.equal(await card(page).getAttribute('data-local'), `${day}T12:15`);

  // By keyboard: an hour down, a day right; Escape gives up.
  await page.goto(`${url}/calendar?view=week&date=${day}`);
  await card(page).locator('.ev-open').focus();
  await page.keyboard.press('m');
  await page.waitForFunction(() => /Arrow keys/.test(document.getElementById('cal-say').textContent));
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('#cal-say').textContent(), 'Not moved.');
  await page.keyboard.press('m');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  assert.match(await page.locator('#cal-say').textContent(), /13:15/, 'each step is said');
  await page.keyboard.press('Enter');
  await agree(page, '13:15');
  await page.locator(`[data-local="${next}T13:15"]`).waitFor();
  assert.match(await page.locator('#cal-say').textContent(), /moved to/);
  await look(page, 'calendar-undo');

  // A time that cannot be is refused with the reason, and the post stays where it is.
  await card(page).hover();
  await card(page).getByRole('link', { name: /^Move/ }).click();
  await look(page, 'calendar-panel');
  await page.locator('#move').getByLabel('Date').fill('2020-01-01');
  await page.locator('#move').getByRole('button', { name: 'Move' }).click();
  await page.locator('#calendar [role=alert], #calendar .errors').first().waitFor();
  assert.equal(await card(page).getAttribute('data-local'), `${next}T13:15`);
  const refusals = complaints.splice(0);
  assert.ok(refusals.length > 0 && refusals.every((text) => text.includes('422')), 'the browser reports the refusal itself');

  // Held over the arrow the page turns with the post in hand; put down nowhere, everything is as it was.
  await page.goto(`${url}/calendar?view=month&date=${next}`);
  const heading = () => page.locator('#calendar h1').textContent();
  const here = await heading();
  const carried = async (moveAway) => {
    const lift = await middle(card(page));
    await page.mouse.move(lift.x, lift.y);
    await page.mouse.down();
    const arrow = await middle(page.locator('#calendar [data-step=later] a'));
    await page.mouse.move(arrow.x - 4, arrow.y, { steps: 8 });
    await page.mouse.move(arrow.x, arrow.y);
    await page.waitForFunction((was) => document.querySelector('#calendar h1').textContent !== was, here);
    await moveAway();
  };
  await carried(() => page.keyboard.press('Escape'));
  assert.equal(await heading(), here);
  assert.match(page.url(), new RegExp(`date=${next}`));
  await page.mouse.up();
  const [year, month] = next.split('-').map(Number);
  const later = `${month === 12 ? year + 1 : year}-${String((month % 12) + 1).padStart(2, '0')}-20`;
  await carried(async () => {
    const goal = await middle(page.locator(`#calendar [data-day="${later}"]`));
    await page.mouse.move(goal.x - 4, goal.y, { steps: 8 });
    await page.mouse.move(goal.x, goal.y);
    await page.mouse.up();
  });
  await page.locator('#move').waitFor();
  assert.equal(await page.locator('#move').getByLabel('Date').inputValue(), later);
  assert.equal(await page.locator('#calendar-body').count(), 1, 'the page of before is gone');
  // By keyboard as well, a month at a time.
  await page.goto(`${url}/calendar?view=month&date=${next}`);
  await card(page).locator('.ev-open').focus();
  await page.keyboard.press('m');
  await page.keyboard.press('PageDown');
  await page.waitForFunction((was) => document.querySelector('#calendar h1').textContent !== was, here);
  await page.waitForFunction((day) => document.querySelector(`#calendar [data-day="${day}"].over`) !== null, later.slice(0, 8) + next.slice(8));
  assert.match(await page.locator('#cal-say').textContent(), /13:15/);
  await page.keyboard.press('Escape');
  assert.equal(await heading(), here);
  assert.equal(await page.evaluate(() => document.activeElement.closest('.ev') !== null), true, 'the card has the focus again');

  for (const view of ['month', 'week', 'day', 'agenda']) {
    await page.goto(`${url}/calendar?view=${view}&date=${next}`);
    await look(page, `calendar-${view}`);
  }
  await page.goto(`${url}/settings`);
  await page.getByRole('button', { name: 'Русский' }).first().click();
  await page.goto(`${url}/calendar?view=week&date=2027-03-24`);
  await page.getByText('Часы пропускают 02:00').waitFor();
  await look(page, 'calendar-spring-ru');
  assert.deepEqual(complaints, [], 'the browser had nothing to complain about');

  // With a finger on a phone: a long press lifts, a swipe before that scrolls.
  const state = await page.context().storageState();
  const phone = await watched(browser, [url, program.facts.simulator], {
    timezoneId: ZONE, storageState: state, viewport: { width: 360, height: 780 }, hasTouch: true, isMobile: true,
  });
  await phone.page.goto(`${url}/calendar?view=month&date=${next}`);
  const touch = await phone.context.newCDPSession(phone.page);
  const finger = (type, at) => touch.send('Input.dispatchTouchEvent', { type, touchPoints: at ? [at] : [] });
  const start = await middle(card(phone.page));
  const other = await dayFrom(4);
  await finger('touchStart', start);
  await phone.page.locator('.ev.ghost').waitFor();
  const goal = await middle(phone.page.locator(`[data-day="${other}"]`));
  await finger('touchMove', { x: goal.x - 4, y: goal.y });
  await finger('touchMove', goal);
  await phone.page.locator(`[data-day="${other}"].over`).waitFor();
  await finger('touchEnd');
  await phone.page.locator('#move button.primary').tap();
  await phone.page.locator('#moved').waitFor();
  await phone.page.locator(`[data-local="${other}T13:15"]`).waitFor();
  // A finger that holds the post at the edge turns the month, and goes on holding it.
  await phone.page.goto(`${url}/calendar?view=month&date=${other}`);
  const title = await phone.page.locator('#calendar h1').textContent();
  const held = await middle(card(phone.page));
  await finger('touchStart', held);
  await phone.page.locator('.ev.ghost').waitFor();
  await finger('touchMove', { x: 340, y: held.y });
  await finger('touchMove', { x: 355, y: held.y });
  await phone.page.waitForFunction((was) => document.querySelector('#calendar h1').textContent !== was, title);
  const place = await middle(phone.page.locator('#calendar [data-day$="-15"]').first());
  await finger('touchMove', { x: place.x - 4, y: place.y });
  await finger('touchMove', place);
  await phone.page.locator('#calendar [data-day$="-15"].over').first().waitFor();
  await finger('touchEnd');
  await phone.page.locator('#move').waitFor();
  assert.deepEqual(phone.complaints, []);
  assert.doesNotMatch(program.errors, /panicked|ERROR/);
});
