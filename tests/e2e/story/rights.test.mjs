// What a person may ask for, in the browser: writing to the operator and being answered, the news, a corrected name, the list of
// consents, a note beside the history. Every page is looked at in both languages.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { look, open, watched } from '../lib/browser.mjs';
import { signIn } from '../lib/person.mjs';
import { command, demo, folder } from '../lib/programs.mjs';

let program, browser, place;

before(async () => {
  place = folder('rights');
  program = await demo('--data', place);
  browser = await open();
});

after(async () => {
  await browser?.close();
  if (program) assert.deepEqual(await program.stop(), { code: 0, signal: null }, 'the demo ends politely');
});

/** A command of the operator beside the running service. */
const operator = (...args) => command(program.facts.url, place, args);

test('a person writes to the operator, is answered, corrects a name and sees their consents', { timeout: 240_000 }, async () => {
  const { url } = program.facts;
  const { page, complaints } = await watched(browser, [url, program.facts.simulator]);
  await page.goto(`${url}/help`);
  await look(page, 'help-public');
  await signIn(page, url);

  await page.goto(`${url}/notices`);
  await look(page, 'notices-empty');
  await page.goto(`${url}/help`);
  await look(page, 'help');
  await page.getByLabel('What is it about?').selectOption('deletion');
  await page.getByLabel('Your message').fill('Please delete the posts of last year.\nThank you!');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.waitForURL('**/help/requests/*');
  await page.getByRole('heading', { level: 1, name: 'Request no. 1' }).waitFor();
  await look(page, 'request-open');

  assert.match(operator('requests', 'list'), /1 +deletion +open .*answer by/);
  operator('requests', 'answer', '1', '--text', 'You can do that in the library, at once.');
  assert.match(operator('requests', 'show', '1'), /operator wrote .*\nYou can do that in the library, at once\./);
  await page.goto(`${url}/queue`);
  await page.getByRole('link', { name: /News.*1 unread/ }).first().waitFor();
  await page.goto(`${url}/notices`);
  await look(page, 'notices');
  await page.getByRole('button', { name: /^Open: Your request no\. 1/ }).click();
  await page.waitForURL('**/help/requests/1');
  await page.getByText('in the library, at once').waitFor();
  await page.getByRole('button', { name: 'That settles it' }).click();
  await page.getByText('This request is closed.').waitFor();
  await look(page, 'request-closed');

  await page.goto(`${url}/your-data`);
  await look(page, 'your-data');
  await page.getByRole('link', { name: 'Correct your data' }).click();
  await page.getByLabel('Your name').fill('Mila from the sea');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Your name is changed').waitFor();
  await look(page, 'correct');
  await page.getByRole('button', { name: /^Read anew: / }).first().click();
  await page.getByText('Read anew from TikTok.').waitFor();
  await page.goto(`${url}/your-data/consents`);
  await look(page, 'consents');

  await page.goto(`${url}/settings`);
  await page.getByLabel('Language').first().selectOption('ru');
  await page.getByRole('region', { name: 'How it looks and reads' }).getByRole('button', { name: 'Save' }).click();
  for (const path of ['help', 'help/requests/1', 'notices', 'your-data', 'your-data/correct', 'your-data/consents']) {
    await page.goto(`${url}/${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await look(page, `ru-${path.replaceAll('/', '-')}`);
  }
  assert.equal(operator('privacy', 'inactive').trim(), 'nobody has stayed away for that long');
  assert.deepEqual(complaints, []);
});
