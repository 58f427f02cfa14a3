// Numbers of posts: off until somebody presses, allowed at TikTok for one account, drawn with a table, ended and erased with one press.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, look, open, watched } from '../lib/browser.mjs';
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

test('a month of numbers is shown with a table, one press ends it, and another one at TikTok lets it begin anew', { timeout: 240_000 }, async () => {
  const { context, page, complaints } = await watched(browser, [ready.url, ready.simulator]);
  const [name, ...value] = ready.cookie.split('=');
  await context.addCookies([{ name, value: value.join('='), url: ready.url }]);

  await page.goto(`${ready.url}/analytics`);
  await page.getByRole('img', { name: /Views per day from .* the best day was/ }).waitFor();
  await look(page, 'analytics');
  await page.getByText('As a table').first().focus();
  await page.keyboard.press('Enter');
  assert.ok(await page.getByRole('columnheader', { name: 'Readings' }).isVisible(), 'the figures unfold by the keyboard');
  await accessible(page, 'the page of numbers with its table');

  await page.getByRole('link', { name: 'last 7 days' }).click();
  await page.waitForURL(/days=7/);
  await page.getByLabel('From', { exact: true }).fill('2020-01-01');
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByRole('alert').filter({ hasText: 'no days that can be shown' }).waitFor();
  await page.getByRole('link', { name: 'last 90 days' }).click();
  await page.waitForURL(/days=90/);
  await page.getByLabel('Compare with').selectOption({ label: 'nothing' });
  await page.getByRole('button', { name: 'Show' }).click();
  await page.waitForURL(/against=nothing/);

  await page.getByRole('heading', { name: 'When it works' }).waitFor();
  await page.getByRole('heading', { name: 'After posting' }).waitFor();
  await page.getByRole('heading', { name: 'Publishing in these days' }).waitFor();
  await page.getByText('Add a note').first().focus();
  await page.keyboard.press('Enter');
  await page.getByLabel('Note, up to 140 characters').fill('New pictures');
  await page.keyboard.press('Enter');
  await page.getByText('The note stands on its day.').waitFor();
  await page.getByRole('button', { name: /^Remove.*New pictures/ }).waitFor();
  await look(page, 'analytics-noted');
  await accessible(page, 'the page of numbers with times, hours and a note');
  await page.getByRole('link', { name: 'Compare hashtags, lengths, labels' }).click();
  await page.getByRole('heading', { name: 'What posts have in common' }).waitFor();
  await accessible(page, 'the page of comparisons');
  await look(page, 'analytics-compare');
  await page.goBack();
  await page.getByRole('link', { name: /Three glasses, one cow/ }).first().click();
  await page.getByRole('heading', { name: 'How it does' }).waitFor();
  await page.getByRole('img', { name: /^Views from / }).waitFor();
  await look(page, 'post-numbers');

  await page.goto(`${ready.url}/analytics`);
  await page.getByRole('button', { name: /Stop and erase.*Numbers of posts/ }).click();
  await page.getByText('The numbers of this account\'s posts are erased.').waitFor();
  assert.equal(await page.getByRole('img', { name: /Views per day/ }).count(), 0, 'nothing is drawn any more');
  await page.getByRole('button', { name: /Allow numbers of posts.*Moloko Demo/ }).click();
  await page.getByRole('button', { name: 'Allow' }).waitFor();
  await page.getByRole('radio', { name: /Moloko Demo/ }).check();
  await page.getByRole('button', { name: 'Allow' }).click();
  await page.waitForURL((address) => address.origin === new URL(ready.url).origin && address.pathname === '/analytics');
  await page.getByText('are read from now on').waitFor();

  await page.goto(`${ready.url}/your-data/consents`);
  assert.ok(await page.getByText('Reading the numbers of posts: Moloko Demo').first().isVisible());
  await look(page, 'consents-numbers');

  // Signing in asks for less than was allowed; the walk that follows by itself brings the rest, and TikTok asks for nothing anew.
  await page.goto(`${ready.url}/settings`);
  await page.getByRole('button', { name: 'Sign out' }).first().click();
  await page.waitForURL(`${ready.url}/`);
  await page.getByRole('link', { name: 'Continue with TikTok' }).first().click();
  await page.getByLabel('I am 18 or older').check();
  await page.getByRole('button', { name: 'Continue with TikTok' }).click();
  await page.waitForURL((address) => address.origin === new URL(ready.url).origin && address.pathname === '/queue');
  await page.goto(`${ready.url}/analytics`);
  await page.getByRole('heading', { name: 'What may be read' }).waitFor();
  assert.equal(await page.getByText('Waiting: signing in').count(), 0, 'what was allowed is read on');
  assert.deepEqual(complaints, []);
});
