// Whoever operates the server, in the browser: a link from the command line, a passkey in Chromium's own virtual authenticator, the pages, an
// answer to a person, out and in again. And nobody else finds any of it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, fits, look, open, watched } from '../lib/browser.mjs';
import { signIn } from '../lib/person.mjs';
import { command, demo, folder } from '../lib/programs.mjs';

let program, browser, place, here;

before(async () => {
  place = folder('operator');
  program = await demo('--data', place);
  // Browsers keep passkeys for names only.
  here = program.facts.url.replace('127.0.0.1', 'localhost');
  browser = await open();
});

after(async () => {
  await browser?.close();
  if (program) assert.deepEqual(await program.stop(), { code: 0, signal: null }, 'the demo ends politely');
});

/** A command of the operator beside the running service. */
const operator = (...args) => command(program.facts.url, place, args);

/** A fresh address with which one passkey may be registered. */
const link = (name) => operator('operator', 'link', '--name', name).split('\n')[0];

/** An authenticator inside the browser: keeps passkeys and verifies its user. */
async function authenticator(page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return { devtools, authenticatorId };
}

const PLACES = ['operator', 'operator/requests', 'operator/requests/1', 'operator/duties', 'operator/promises', 'operator/audit', 'operator/access'];

test('pp_5_3 an operator comes in by a link and a passkey, answers a person, goes, and comes back by the passkey', { timeout: 400_000 }, async () => {
  const { url, simulator } = program.facts;
  const person = await watched(browser, [url, simulator]);
  await signIn(person.page, url);
  await person.page.goto(`${url}/help`);
  await person.page.getByLabel('What is it about?').selectOption('question');
  await person.page.getByLabel('Your message').fill('How long do you keep my videos?');
  await person.page.getByRole('button', { name: 'Send' }).click();
  await person.page.waitForURL('**/help/requests/1');
  for (const path of ['operator', 'operator/requests/1', 'operator/audit']) {
    assert.equal((await person.page.request.get(`${url}/${path}`)).status(), 404, `${path} for a person`);
  }

  const { page, complaints, context } = await watched(browser, [here]);
  const { devtools, authenticatorId } = await authenticator(page);
  const address = link('Ann');
  assert.ok(address.startsWith(`${here}/operator/link/`), address);
  await page.goto(address);
  await page.getByRole('button', { name: 'Make a passkey' }).waitFor();
  await look(page, 'operator-link');
  await page.getByRole('button', { name: 'Make a passkey' }).click();
  await page.waitForURL(`${here}/operator`);
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  const { credentials } = await devtools.send('WebAuthn.getCredentials', { authenticatorId });
  assert.equal(credentials.length, 1);
  assert.ok(credentials[0].isResidentCredential && credentials[0].rpId === 'localhost');

  const again = await page.request.get(address);
  assert.equal(again.status(), 404, 'a link counts once');
  assert.match(operator('operator', 'list'), /Ann +since .*passkeys 1 .*signed in 1/);
  const queue = await page.request.get(`${here}/queue`, { maxRedirects: 0 });
  assert.deepEqual([queue.status(), queue.headers().location], [303, '/'], 'an operator is nobody on the pages of people');

  await page.getByRole('link', { name: 'Open the inbox' }).click();
  await page.getByRole('link', { name: /No\. 1/ }).click();
  await page.getByText('How long do you keep my videos?').waitFor();
  await page.getByLabel('Your answer').fill('Thirty days after they were published.');
  await page.getByRole('button', { name: 'Send the answer' }).click();
  await page.getByText('Answered; the person is told.').waitFor();
  await person.page.goto(`${url}/help/requests/1`);
  await person.page.getByText('Thirty days after they were published.').waitFor();

  for (const path of PLACES) {
    await page.goto(`${here}/${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await look(page, path.replaceAll('/', '-'));
  }
  await page.goto(`${here}/operator/audit`);
  await page.getByRole('button', { name: 'Verify the record' }).click();
  await page.getByText('Nothing was changed and nothing is missing.').waitFor();

  // What changes something is asked about first when the last look was too long ago; what was typed stays and is sent.
  await page.goto(`${here}/operator/requests/1`);
  await page.getByLabel('Your answer').fill('And the history for thirteen months.');
  await page.locator('#write').evaluate((form) => { form.dataset.freshUntil = '1'; });
  const confirmed = page.waitForResponse(`${here}/operator/confirm/passkey`);
  await page.getByRole('button', { name: 'Send the answer' }).click();
  assert.equal((await confirmed).status(), 200);
  await page.getByText('Answered; the person is told.').waitFor();
  await page.getByText('And the history for thirteen months.').waitFor();

  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL(`${here}/operator/sign-in`);
  assert.equal((await page.request.get(`${here}/operator`)).status(), 404, 'signed out');
  await page.getByRole('button', { name: 'Sign in with the passkey' }).waitFor();
  await look(page, 'operator-sign-in');
  await page.getByRole('button', { name: 'Русский' }).click();
  await page.getByRole('button', { name: 'Войти с ключом доступа' }).click();
  await page.waitForURL(`${here}/operator`);
  for (const path of PLACES) {
    await page.goto(`${here}/${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await look(page, `ru-${path.replaceAll('/', '-')}`);
  }
  await page.goto(`${here}/operator/confirm?next=%2Foperator%2Fduties`);
  await page.getByRole('button', { name: 'Подтвердить ключом доступа' }).click();
  await page.waitForURL(`${here}/operator/duties`);

  const record = operator('audit', 'show', '--limit', '200');
  for (const act of ['operator.link', 'operator.passkey', 'operator.sign_in', 'operator.session_end', 'operator.confirm', 'request.answer']) {
    assert.ok(record.includes(act), `${act} is in the record`);
  }
  const [, id] = operator('operator', 'list').match(/^([0-9a-f-]{36})/);
  operator('operator', 'remove', id);
  assert.equal((await page.request.get(`${here}/operator`)).status(), 404, 'removed at once');
  assert.deepEqual(complaints.filter((line) => !/status of 404/.test(line)), []);
  assert.deepEqual(person.complaints, []);
  await context.close();
});

test('a link without a script, and a question that is cancelled, say what is needed', { timeout: 120_000 }, async () => {
  const bare = await watched(browser, [here], { javaScriptEnabled: false, viewport: { width: 360, height: 780 } });
  await bare.page.goto(link('Bob'));
  // Playwright looks for text as if there were no noscript element, so what is shown is read as a whole.
  assert.match(await bare.page.locator('main').innerText(), /This needs JavaScript\. .*moloko operator link makes another one\./);
  assert.equal(await bare.page.getByRole('button', { name: 'Make a passkey' }).count(), 0, 'nothing that cannot work');

  const { page } = await watched(browser, [here]);
  const { devtools, authenticatorId } = await authenticator(page);
  await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
  await page.goto(link('Bob'));
  await page.getByRole('button', { name: 'Make a passkey' }).click();
  await page.getByText(/^That did not work/).waitFor();
  await fits(page, 'a cancelled question');
  await accessible(page, 'a cancelled question');
  assert.ok(!operator('operator', 'list').includes('Bob'), 'nobody came in');
});
