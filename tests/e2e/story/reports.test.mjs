// A week as a report: the list, the page, paper, a workbook; a link that another browser opens without a cookie, until one press ends it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { look, open, watched } from '../lib/browser.mjs';
import { freePort, Program } from '../lib/programs.mjs';

let browser;
let demo;
let ready;

before(async () => {
  browser = await open();
  demo = new Program(['demo', '--listen', `127.0.0.1:${await freePort()}`, '--json', '--months', '1']);
  ready = await demo.ready();
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

test('a week is a report, goes on paper, and is read by a link until its maker ends that', { timeout: 240_000 }, async () => {
  const { context, page, complaints } = await watched(browser, [ready.url, ready.simulator]);
  const [name, ...value] = ready.cookie.split('=');
  await context.addCookies([{ name, value: value.join('='), url: ready.url }]);

  await page.goto(`${ready.url}/history`);
  await page.getByRole('link', { name: 'Weekly reports' }).click();
  await page.getByRole('heading', { name: 'Weekly reports' }).waitFor();
  await look(page, 'reports');
  // The newest week that is over: above it stands the running one, when anything happened in it.
  const weeks = page.locator('main .list a.ttl');
  await weeks.nth(await page.getByText('not over yet').count()).click();
  await page.getByRole('heading', { name: /^Week \d+: / }).waitFor();
  await page.getByRole('img', { name: /Views of each day; the best day was/ }).waitFor();
  await page.getByRole('heading', { name: 'What went out' }).waitFor();
  await look(page, 'report');
  const title = await page.getByRole('heading', { level: 1 }).textContent();
  const caption = await page.locator('.posts th .ttl').first().textContent();

  // On paper: without the menu, with the figures behind the drawing.
  await page.getByRole('button', { name: 'Print or save as PDF' }).waitFor();
  await page.evaluate(() => { window.print = () => { document.title = `printed ${document.querySelectorAll('details[open].figures').length}`; }; });
  await page.getByRole('button', { name: 'Print or save as PDF' }).click();
  await page.waitForFunction(() => document.title.startsWith('printed'));
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('header.side').isVisible(), false, 'no menu on paper');
  assert.ok(await page.getByRole('heading', { name: 'What went out' }).isVisible());
  await page.emulateMedia({ media: 'screen' });
  const saved = page.waitForEvent('download');
  await page.getByRole('link', { name: 'XLSX' }).click();
  assert.match((await saved).suggestedFilename(), /^moloko-report-\d{4}-W\d\d\.xlsx$/);

  await page.locator('#share > summary').focus();
  await page.keyboard.press('Enter');
  await page.getByLabel('What you call it').fill('For the bakery');
  await look(page, 'report-share');
  await page.getByRole('button', { name: 'Make a link' }).click();
  await page.getByRole('heading', { name: 'The link is ready' }).waitFor();
  const address = await page.locator('[data-copy]').getAttribute('data-copy');
  assert.match(address, /\/r\/[\w-]{43}$/);
  await look(page, 'report-made');

  const other = await watched(browser, [ready.url]);
  await other.page.goto(address);
  assert.equal(await other.page.getByRole('heading', { level: 1 }).textContent(), title);
  assert.ok(await other.page.getByText(caption, { exact: true }).first().isVisible(), 'the same posts');
  assert.equal(await other.page.getByText('For the bakery').count(), 1);
  assert.deepEqual(await other.context.cookies(), [], 'no cookie');
  assert.equal(await other.page.evaluate(() => navigator.serviceWorker?.getRegistrations().then((all) => all.length) ?? 0), 0, 'nothing is installed');
  const ways = await other.page.locator('main a').evaluateAll((links) => links.map((link) => link.href));
  assert.ok(ways.every((way) => way.startsWith('https://www.tiktok.com/@')), `${ways}`);
  await look(other.page, 'report-shared');
  await other.page.getByRole('link', { name: 'Русский' }).click();
  await other.page.getByRole('heading', { name: /^Неделя \d+: / }).waitFor();
  await look(other.page, 'report-shared-ru');
  assert.deepEqual(await other.context.cookies(), [], 'nor for the language');
  assert.deepEqual(other.complaints, []);

  await page.goto(`${ready.url}/your-data/consents`);
  await page.getByText('opened 2 times').waitFor();
  await look(page, 'report-links');
  await page.getByRole('button', { name: 'End the link: For the bakery' }).click();
  await page.getByText('The link opens nothing any more.').waitFor();
  const gone = await other.page.goto(address);
  assert.equal(gone.status(), 404);
  await other.page.getByRole('heading', { name: 'There is nothing to see here' }).waitFor();
  await look(other.page, 'report-closed');

  await page.goto(`${ready.url}/settings`);
  assert.equal(await page.getByLabel('Tell me').inputValue(), 'news', 'on by itself where numbers are read');
  await page.getByLabel('Tell me').selectOption({ label: 'Not at all' });
  await page.locator('[action="/reports/wish"]').getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved').first().waitFor();
  assert.equal(await page.getByLabel('Tell me').inputValue(), 'off');
  assert.deepEqual(complaints, []);
});
