// Messages to a browser: somebody presses for them, a post goes out while no page is open, and the browser shows that it did. The browser's own half,
// which would talk to its maker, is a push service on this machine.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, fits, look, open, watched } from '../lib/browser.mjs';
import { material } from '../lib/crowd.mjs';
import { HttpPerson } from '../lib/http_person.mjs';
import { Pair } from '../lib/pair.mjs';
import { signIn } from '../lib/person.mjs';
import { PushService } from '../lib/push_service.mjs';

let pair, browser, service;

before(async () => {
  service = await PushService.open();
  pair = await Pair.start('push', { MOLOKO_PUSH: 'true', MOLOKO_PUSH_ORIGIN: service.url, MOLOKO_CONTACT: 'push@moloko.example' });
  browser = await open();
});

after(async () => {
  await browser?.close();
  await pair?.stop();
  await service?.close();
});

/** A page whose browser subscribes at our push service; it notes for which server, and how often the person was asked. */
async function arrived(options = {}, { granted = true } = {}) {
  const all = await watched(browser, [pair.url, pair.simulator.url], options);
  if (granted) await all.context.grantPermissions(['notifications'], { origin: pair.url });
  await all.context.addInitScript(({ subscription, granted }) => {
    window.asked = 0;
    let current = null;
    Notification.requestPermission = async () => { window.asked += 1; return granted ? 'granted' : 'denied'; };
    PushManager.prototype.getSubscription = async () => current;
    PushManager.prototype.subscribe = async ({ applicationServerKey, userVisibleOnly }) => {
      if (!userVisibleOnly || applicationServerKey.length !== 65) throw new TypeError('no such subscription');
      current = { options: { applicationServerKey: applicationServerKey.buffer }, unsubscribe: async () => { current = null; return true; }, toJSON: () => subscription };
      return current;
    };
  }, { subscription: service.subscription(), granted });
  await signIn(all.page, pair.url);
  await all.page.evaluate(() => navigator.serviceWorker.ready);
  return all;
}

const card = (page) => page.getByRole('region', { name: 'Messages while you are away' });

test('pp_4_4 a browser is told that a post went out, after a press in it and not before, and what it is told says nothing else', { timeout: 180_000 }, async () => {
  const { context, page, complaints } = await arrived();
  await page.goto(`${pair.url}/settings`);
  await card(page).getByText('carries each message').waitFor();
  await look(page, 'push-offered');
  assert.equal(await page.evaluate(() => window.asked), 0, 'no page asks by itself');
  // The keyboard is enough.
  await card(page).getByRole('button', { name: 'Tell this browser' }).focus();
  await page.keyboard.press('Enter');
  await page.getByText('This browser is told from now on.').waitFor();
  await card(page).getByText('this one').waitFor();
  await look(page, 'push-on');

  const person = await new HttpPerson(pair.url).signIn('moloko.demo');
  const media = await person.upload(material().small.path);
  await person.press(await person.draft(media), 'a caption that nobody else should see', 'now');
  await service.until(1, 90);
  const { text, headers, word } = service.messages[0];
  assert.equal(text.title, 'A post went out');
  assert.match(text.path, /^\/posts\/[0-9a-f-]{36}$/);
  assert.doesNotMatch(JSON.stringify(text), /caption|moloko\.demo/);
  assert.deepEqual([headers.urgency, word.aud, word.sub], ['normal', service.url, 'mailto:push@moloko.example']);
  assert.equal(word.key, await page.locator('form[data-push]').getAttribute('data-push'));

  // The worker shows it, as when it wakes for it.
  const cdp = await context.newCDPSession(page);
  const registration = new Promise((done) => {
    cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const ours = registrations.find((it) => it.scopeURL.startsWith(pair.url) && !it.isDeleted);
      if (ours) done(ours.registrationId);
    });
  });
  await cdp.send('ServiceWorker.enable');
  await cdp.send('ServiceWorker.deliverPushMessage', { origin: pair.url, registrationId: await registration, data: JSON.stringify(text) });
  const seen = () => page.evaluate(async () => {
    const [one] = await (await navigator.serviceWorker.ready).getNotifications();
    return one ? { title: one.title, body: one.body, tag: one.tag, data: one.data, lang: one.lang } : null;
  });
  for (let n = 0; n < 100 && await seen() === null; n += 1) await page.waitForTimeout(100);
  assert.deepEqual(await seen(), { title: text.title, body: text.body, tag: text.tag, data: text.path, lang: 'en' });

  // Less, without being asked again by the server for anything; then nothing.
  await card(page).getByLabel('a post went out').uncheck();
  await card(page).getByRole('button', { name: 'Save' }).click();
  await page.getByText('This browser is told from now on.').waitFor();
  assert.equal(await card(page).getByLabel('a post went out').isChecked(), false);
  await card(page).getByRole('button', { name: /^End messages to/ }).click();
  await page.getByText('That browser is told nothing more.').waitFor();
  await card(page).getByRole('button', { name: 'Tell this browser' }).waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('who does not allow messages reads how to, and nothing is begun', { timeout: 120_000 }, async () => {
  const { context, page, complaints } = await arrived({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }, { granted: false });
  await page.goto(`${pair.url}/settings`);
  await card(page).getByRole('button', { name: 'Tell this browser' }).click();
  await card(page).getByRole('alert').getByText('The browser does not allow messages from here.').waitFor();
  assert.equal(await page.evaluate(() => window.asked), 1);
  await fits(page, 'the settings after a refusal');
  await accessible(page, 'the settings after a refusal');
  await look(page, 'push-denied');
  await page.reload();
  assert.equal(await card(page).getByText('Browsers that are told').isVisible(), false);
  await page.getByRole('button', { name: 'Русский' }).first().click();
  await page.waitForFunction(() => document.documentElement.lang === 'ru');
  await look(page, 'push-offered-ru');
  await page.getByRole('button', { name: 'English' }).first().click();
  await page.waitForFunction(() => document.documentElement.lang === 'en');
  assert.deepEqual(complaints, []);
  await context.close();
});
