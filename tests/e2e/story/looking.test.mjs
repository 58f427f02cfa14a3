// Looking for something in the history: words, filters, a view that is kept, and what can be taken along as a file, in both languages and
// without a script too.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { look, open, watched } from '../lib/browser.mjs';
import { signIn } from '../lib/person.mjs';
import { asking, plan } from '../lib/planned.mjs';
import { demo } from '../lib/programs.mjs';
import { Simulator } from '../lib/simulator.mjs';

let program, browser;

before(async () => {
  program = await demo();
  browser = await open();
});

after(async () => {
  await browser?.close();
  if (program) assert.deepEqual(await program.stop(), { code: 0, signal: null }, 'the demo ends politely');
});

test('a caption is found by any form of its words, and what is shown goes along as a file', { timeout: 240_000 }, async () => {
  const { url } = program.facts;
  const { page, complaints } = await watched(browser, [url, program.facts.simulator]);
  await signIn(page, url);
  const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  const ask = asking({ url, cookie });
  const captions = ['Milk at dawn #milk', `${'A long walk along the river. '.repeat(6)}Пять котов пьют молоко`, 'Bread & butter, "fresh"'];
  await plan(ask, 3, (n) => captions[n]);

  // Two are out in time, one is taken back.
  const simulator = new Simulator(program.facts.simulator);
  await simulator.advance(86_400_000 + 10_800_000 + 5_000);
  const pace = simulator.hurry();
  await page.goto(`${url}/history`);
  for (let n = 0; n < 60 && await page.locator('.list .item').count() < 2; n += 1) {
    await page.waitForTimeout(500);
    await page.reload();
  }
  pace.stop();
  await page.getByText('Milk at dawn').first().waitFor();
  await look(page, 'looking');

  await page.getByLabel('Words in captions').fill('молоком');
  await page.keyboard.press('Enter');
  await page.waitForURL(/words=/);
  assert.equal(await page.locator('.list .item').count(), 1);
  assert.match(await page.locator('.list .item').textContent(), /Пять котов пьют молоко/, 'what was found is shown, far behind as it is');
  assert.match(await page.locator('.list .item').textContent(), /after its time|on time/);
  await look(page, 'looking-found');

  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'JSON' }).click()]);
  assert.equal(download.suggestedFilename(), 'moloko-history.json');
  const lines = JSON.parse(readFileSync(await download.path(), 'utf8'));
  assert.deepEqual(lines.map((line) => line.caption), [captions[1]]);
  assert.equal(lines[0].state, 'published');

  // The view is kept, opened again, and forgotten.
  await page.getByText('Keep this view').click();
  await page.getByLabel('Name of the view').fill('Молоко');
  await page.getByRole('button', { name: 'Keep', exact: true }).click();
  await page.getByText('Kept. You find it').waitFor();
  await look(page, 'looking-kept');
  await page.getByRole('navigation', { name: 'Kept views' }).getByRole('link', { name: 'All', exact: true }).click();
  await page.getByText('Milk at dawn').first().waitFor();
  await page.getByRole('link', { name: 'Молоко', exact: true }).click();
  await page.waitForURL(/words=/);
  assert.equal(await page.getByLabel('Words in captions').inputValue(), 'молоком');
  await page.getByText('Forget a view').click();
  await page.getByRole('button', { name: 'Forget “Молоко”' }).click();
  await page.getByText('No post was changed').waitFor();

  // How punctual it was.
  await page.getByRole('link', { name: 'Punctuality' }).click();
  await page.getByRole('heading', { name: 'In numbers' }).waitFor();
  assert.match(await page.getByRole('row', { name: /Posts that are out/ }).textContent(), /out[1-9]/);
  await look(page, 'punctuality');
  await page.getByRole('link', { name: 'Last 7 days' }).click();
  await page.waitForURL(/from=/);
  assert.equal(await page.getByRole('link', { name: 'Last 7 days' }).getAttribute('aria-current'), 'page');

  await page.goto(`${url}/history?words=zebra`);
  await page.getByText('Nothing found').waitFor();
  await page.getByText('Dates, labels, lateness').click();
  await look(page, 'looking-nothing');
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('in Russian and without a script it is the same', { timeout: 120_000 }, async () => {
  const { url, cookie } = program.facts;
  const context = await browser.newContext({ javaScriptEnabled: false, locale: 'ru-RU', timezoneId: 'Europe/Moscow', viewport: { width: 360, height: 780 } });
  try {
    const [name, value] = cookie.split('=');
    await context.addCookies([{ name, value, url }]);
    const page = await context.newPage();
    await page.goto(`${url}/history`);
    await page.getByRole('button', { name: 'Русский' }).first().click();
    await page.goto(`${url}/history?from=2020-01-01`);
    await page.getByLabel('Слова подписи').fill('«at dawn»');
    await page.getByRole('button', { name: 'Показать', exact: true }).click();
    await page.waitForURL(/words=.*from=2020/);
    assert.equal(await page.locator('.list .item').count(), 1);
    await page.getByText('Сохранить этот вид').click();
    await page.getByLabel('Название вида').fill('x'.repeat(60));
    await page.getByRole('button', { name: 'Сохранить', exact: true }).click();
    await page.getByText('не длиннее 50').waitFor();
    assert.equal(await page.getByLabel('Название вида').inputValue(), 'x'.repeat(60), 'nothing typed is lost');
    assert.equal(await page.getByLabel('Слова подписи').inputValue(), '«at dawn»');
  } finally {
    await context.close();
  }
});
