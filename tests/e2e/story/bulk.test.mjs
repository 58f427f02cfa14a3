// Many posts at once: rows from dropped files, filled by mouse, by keyboard and from a spreadsheet, looked at one by one and agreed to by one
// press; the same grid as cards on a phone.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { accessible, fits, look, open, watched } from '../lib/browser.mjs';
import { drop, fields, signIn } from '../lib/person.mjs';
import { demo, folder } from '../lib/programs.mjs';
import { Simulator } from '../lib/simulator.mjs';
import { mp4 } from '../lib/video.mjs';

const ZONE = 'Europe/Berlin';
let program, browser, simulator, films;

before(async () => {
  const place = folder('bulk');
  films = [2, 3, 4, 5].map((seconds) => mp4(place, `bulk-${seconds}.mp4`, seconds));
  program = await demo();
  simulator = new Simulator(program.facts.simulator);
  browser = await open();
});

after(async () => {
  await browser?.close();
  if (program) assert.deepEqual(await program.stop(), { code: 0, signal: null }, 'the demo ends politely');
});

const row = (page, name) => page.locator('#grid tbody tr', { hasText: name });
const saved = (page) => page.waitForFunction(() => document.querySelectorAll('#grid tr.unsaved').length === 0);
const days = async (n) => fields(await simulator.now() + n * 86_400_000, ZONE);

/** Puts text on the clipboard as a spreadsheet does, into the cell that has the focus. */
async function paste(page, text) {
  await page.evaluate((words) => {
    const data = new DataTransfer();
    data.setData('text/plain', words);
    document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  }, text);
}

test('four films become rows, are filled in three ways, looked at and agreed to by one press', { timeout: 300_000 }, async () => {
  const { url } = program.facts;
  const { page, complaints } = await watched(browser, [url, program.facts.simulator], { timezoneId: ZONE });
  await signIn(page, url);
  const sentBefore = (await simulator.posts()).length;
  await page.getByRole('link', { name: 'Many at once' }).click();
  await page.getByRole('heading', { name: 'Many posts at once', level: 1 }).waitFor();
  await drop(page, films);
  await page.waitForURL('**/bulk?media=*');
  await page.getByRole('checkbox', { name: /Moloko Demo/ }).check();
  await page.getByRole('button', { name: 'Make rows' }).click();
  await row(page, 'bulk-5.mp4').waitFor();
  assert.equal(await page.locator('#grid tbody tr').count(), 4);
  assert.equal(await page.locator('#grid tbody input[type=checkbox]:checked').count(), 0, 'nothing is chosen for anybody');
  assert.equal(await page.locator('#grid select[name=privacy]').first().inputValue(), '');
  await look(page, 'bulk-fresh');
  // What hinders a post is read without moving sideways.
  for (const left of [0, 9_999]) {
    await page.evaluate((left) => document.querySelector('.grid-scroll').scrollTo({ left, behavior: 'instant' }), left);
    const told = await page.locator('#grid [data-problems]').first().boundingBox();
    assert.ok(told.x >= 0 && told.x + told.width <= 1440, JSON.stringify(told));
  }

  // By mouse: each field is an ordinary one and saves itself.
  const first = row(page, 'bulk-2.mp4');
  await first.getByLabel(/^Caption/).fill('Morning milk #milk');
  await first.getByLabel(/^Who can see/).selectOption('PUBLIC_TO_EVERYONE');
  await first.getByLabel(/^Comment/).check();
  const one = await days(2);
  await first.getByLabel(/^Date/).fill(one.date);
  await first.getByLabel(/^Time/).fill('09:00');
  await first.getByText('Ready').waitFor();
  await page.reload();
  assert.equal(await row(page, 'bulk-2.mp4').getByLabel(/^Caption/).inputValue(), 'Morning milk #milk', 'nothing is lost');

  // By keyboard alone: arrows between cells, typing into one, Enter to the next, a list by its first letter, space for a box.
  await page.locator('#grid [data-col=caption]').nth(1).focus();
  await page.keyboard.type('Noon milk');
  await page.keyboard.press('Escape');
  await page.keyboard.press('ArrowRight');
  assert.equal(await page.evaluate(() => document.activeElement.dataset.col), 'privacy');
  await page.keyboard.press('Enter');
  await page.keyboard.type('E');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.dataset.col), 'comment');
  await page.keyboard.press('Space');
  for (let n = 0; n < 7; n += 1) await page.keyboard.press('ArrowRight');
  assert.equal(await page.evaluate(() => document.activeElement.dataset.col), 'date');
  await paste(page, `${(await days(2)).date}\t09:00`);
  // Digits typed on a cell are read until they mean something; what means nothing is told.
  await page.keyboard.press('ArrowRight');
  await page.keyboard.type('12:30');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.type((await days(3)).date.split('-').reverse().join('.'));
  await page.keyboard.press('ArrowRight');
  await page.keyboard.type('77');
  await page.keyboard.press('ArrowLeft');
  assert.match(await page.locator('#bulk-say').textContent(), /left as they were: 1/);
  await saved(page);
  assert.equal(await row(page, 'bulk-3.mp4').getByLabel(/^Date/).inputValue(), (await days(3)).date);
  const second = row(page, 'bulk-3.mp4');
  assert.equal(await second.getByLabel(/^Caption/).inputValue(), 'Noon milk');
  assert.equal(await second.getByLabel(/^Who can see/).inputValue(), 'PUBLIC_TO_EVERYONE');
  assert.equal(await second.getByLabel(/^Comment/).isChecked(), true);
  assert.equal(await second.getByLabel(/^Time/).inputValue(), '12:30');

  // From a spreadsheet: a block with quotes and a break, spread over rows and columns; what means nothing is told and left out.
  await page.locator('#grid [data-col=caption]').nth(2).focus();
  await paste(page, '"Tea ""milk""\nand more"\tFriends\tyes\tno\tno\tyes\tyes\r\nEvening\tNobody\tyes\r\n');
  await saved(page);
  const [third, fourth] = [row(page, 'bulk-4.mp4'), row(page, 'bulk-5.mp4')];
  assert.equal(await third.getByLabel(/^Caption/).inputValue(), 'Tea "milk"\nand more');
  assert.equal(await third.getByLabel(/^Who can see/).inputValue(), 'MUTUAL_FOLLOW_FRIENDS');
  assert.equal(await third.getByLabel(/^Your brand/).isChecked(), true);
  assert.equal(await fourth.getByLabel(/^Caption/).inputValue(), 'Evening');
  assert.equal(await fourth.getByLabel(/^Who can see/).inputValue(), '', 'nobody guesses an audience');
  assert.match(await page.locator('#bulk-say').textContent(), /left as they were: 1/);
  await page.keyboard.press('Control+z');
  await saved(page);
  assert.equal(await third.getByLabel(/^Caption/).inputValue(), '', 'and back again');
  await paste(page, 'Tea\tFriends\tyes\tno\tno\tyes\tyes\nEvening\tFriends');
  // Fill down: the time of one row for the rows below.
  const later = await days(4);
  await third.getByLabel(/^Date/).fill(later.date);
  await third.getByLabel(/^Time/).fill('18:00');
  await third.getByLabel(/^Date/).focus();
  await page.getByRole('button', { name: 'Fill down' }).click();
  assert.equal(await fourth.getByLabel(/^Date/).inputValue(), later.date);
  await saved(page);
  await look(page, 'bulk-filled');

  // The review: the row without a time stays behind; everything else is shown as it will be sent.
  await page.getByRole('link', { name: 'Tick all' }).click();
  await page.getByRole('button', { name: 'Review and consent' }).click();
  await page.getByRole('heading', { name: 'Review and consent', level: 1 }).waitFor();
  assert.equal(await page.locator('.review-card').count(), 3);
  assert.match(await page.locator('[data-behind]').textContent(), /Evening.*Choose a date and a time/s);
  const card = page.locator('.review-card').first();
  assert.match(await card.textContent(), /Moloko Demo.*Morning milk.*Everyone.*Comment.*Music Usage Confirmation/s);
  assert.match(await page.locator('.review-card').nth(2).textContent(), /Your photo\/video will be labeled as 'Promotional content'/);
  await look(page, 'bulk-review');
  await page.reload().catch(() => {});
  await page.getByRole('heading', { name: 'Review and consent', level: 1 }).waitFor();
  await page.setViewportSize({ width: 1440, height: 500 });
  await page.evaluate(() => scrollTo(0, 0));
  const agree = page.getByRole('button', { name: 'Schedule 3 posts' });
  assert.equal(await agree.getAttribute('aria-disabled'), 'true', 'not before all were shown');
  await agree.dispatchEvent('click');
  assert.match(page.url(), /\/bulk\/chosen$/);
  // By keyboard alone: Tab walks through every card to the button, a page at a time shows what Tab passed over, Enter agrees.
  const reach = async () => {
    for (let n = 0; n < 90; n += 1) {
      if (await agree.evaluate((button) => button === document.activeElement)) return;
      await page.keyboard.press('Tab');
    }
    assert.fail('Tab never came to the button');
  };
  for (let turn = 0; turn < 6; turn += 1) {
    await reach();
    if (await agree.getAttribute('aria-disabled') === null) break;
    // Pressed too early, it leads to the first post that was not shown.
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.activeElement.matches('article.review-card'));
    await page.keyboard.press('PageDown');
    await page.waitForFunction(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true)))));
  }
  assert.equal(await agree.getAttribute('aria-disabled'), null, 'all were shown');
  assert.equal((await simulator.posts()).length, sentBefore, 'nothing was sent');
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: '3 posts scheduled' }).waitFor();
  await look(page, 'bulk-done');
  await page.goto(`${url}/bulk`);
  assert.equal(await page.locator('#grid tbody tr').count(), 1, 'what was left behind is a draft as before');

  // A spreadsheet: what would come of it is told by row and column first; then its rows are drafts; and the plan is taken along.
  await page.getByText('Spreadsheets').click();
  const evening = await days(6);
  const text = ['account;file;caption;privacy;date;time', `moloko.demo;bulk-2.mp4;'=Milk;everyone;${evening.date};18:30`, 'nobody;bulk-3.mp4;;;;', 'moloko.demo;bulk-3.mp4;;nobody;;25:00'].join('\r\n');
  await page.getByLabel('CSV or XLSX').setInputFiles({ name: 'plan.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
  await page.getByRole('button', { name: 'Look at it first' }).click();
  await page.getByRole('heading', { name: '3 rows looked at' }).waitFor();
  assert.deepEqual(await page.locator('[data-fault]').evaluateAll((all) => all.map((one) => `${one.cells[0].textContent} ${one.cells[1].textContent}`)), ['2 file', '3 account', '4 privacy', '4 time']);
  await look(page, 'bulk-sheet');
  // The film of the first row is planned for that account already: no draft of it is made by the way.
  assert.equal(await page.getByRole('button', { name: 'Make 1 draft', exact: true }).count(), 0);
  await page.getByRole('button', { name: 'Make 1 draft, also where one is there' }).click();
  await page.getByText('Drafts made.').waitFor();
  await page.waitForFunction(() => [...document.querySelectorAll('#grid textarea')].some((area) => area.value === '=Milk'));
  assert.equal(await page.locator('#grid tbody tr').count(), 2);
  assert.equal(await page.locator('#grid input[name=post]:checked').count(), 1, 'what was made is what somebody goes on with');
  await page.getByText('Spreadsheets').click();
  await look(page, 'bulk-exchange');
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV', exact: true }).click()]);
  const written = readFileSync(await file.path(), 'utf8');
  assert.match(written, /'=Milk/);
  assert.equal(written.split('\r\n').filter((line) => line.includes('scheduled')).length, 3);
  assert.deepEqual(complaints, []);
});

test('on a phone the rows are cards that a thumb fills, in Russian as well', { timeout: 240_000 }, async () => {
  const { url } = program.facts;
  const options = { timezoneId: ZONE, viewport: { width: 360, height: 780 }, hasTouch: true, isMobile: true };
  const { page, complaints } = await watched(browser, [url, program.facts.simulator], options);
  await signIn(page, url);
  await page.goto(`${url}/compose`);
  await page.getByRole('button', { name: 'Русский' }).first().click();
  await page.getByRole('link', { name: 'Много постов сразу' }).tap();
  const card = row(page, 'bulk-5.mp4');
  await card.waitFor();
  await fits(page, 'the grid as cards');
  assert.ok((await card.boundingBox()).width <= 360);
  await card.getByLabel(/^Подпись/).fill('С телефона');
  await card.getByLabel(/^Кто увидит/).selectOption('SELF_ONLY');
  await card.getByLabel(/^Дата/).fill((await days(5)).date);
  await card.getByLabel(/^Время/).fill('20:15');
  await card.getByText('Готово').waitFor();
  await accessible(page, 'cards in Russian');
  await page.screenshot({ path: new URL('../../../target/screens/bulk-phone-ru.png', import.meta.url).pathname, fullPage: true });
  await card.getByRole('checkbox', { name: /^Отметить/ }).check();
  await page.getByRole('button', { name: 'Проверить и согласиться' }).tap();
  await page.locator('.review-card').waitFor();
  await fits(page, 'the review');
  await page.screenshot({ path: new URL('../../../target/screens/bulk-review-phone-ru.png', import.meta.url).pathname, fullPage: true });
  await page.locator('.review-card [data-seen]').scrollIntoViewIfNeeded();
  await page.getByRole('button', { name: 'Запланировать 1 пост' }).tap();
  await page.getByRole('heading', { name: 'Запланирован 1 пост' }).waitFor();
  assert.deepEqual(complaints, []);
});
