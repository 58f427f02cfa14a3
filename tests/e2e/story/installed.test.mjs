// The installed application: a page for when there is no connection, and a video shared from a gallery straight into a new post.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readFileSync } from 'node:fs';
import { accessible, fits, look, open, watched } from '../lib/browser.mjs';
import { begin, signIn } from '../lib/person.mjs';
import { demo, folder } from '../lib/programs.mjs';
import { mp4 } from '../lib/video.mjs';

let program, browser, film;
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

before(async () => {
  film = mp4(folder('installed'), 'from-gallery.mp4', 3);
  program = await demo();
  browser = await open();
});

after(async () => {
  await browser?.close();
  if (program) assert.deepEqual(await program.stop(), { code: 0, signal: null }, 'the demo ends politely');
});

/** A browser whose pages the worker stands behind. */
async function installed(options = phone) {
  const all = await watched(browser, [program.facts.url, program.facts.simulator], options);
  await signIn(all.page, program.facts.url);
  await all.page.evaluate(() => navigator.serviceWorker.ready);
  await all.page.reload();
  assert.equal(await all.page.evaluate(() => Boolean(navigator.serviceWorker.controller)), true, 'the worker stands behind the page');
  return all;
}

/** Shares a file as the system does: a form of many parts to the address that the manifest names. */
async function share(page, target, bytes, words = {}) {
  await page.evaluate(({ target, bytes, words }) => {
    const form = Object.assign(document.createElement('form'), { method: target.method, action: target.action, enctype: target.enctype });
    const input = Object.assign(document.createElement('input'), { type: 'file', name: target.params.files[0].name, multiple: true });
    for (const [name, value] of Object.entries(words)) form.append(Object.assign(document.createElement('input'), { name: target.params[name], value }));
    const files = new DataTransfer();
    if (bytes) files.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], 'from gallery №1.mp4', { type: 'video/mp4' }));
    input.files = files.files;
    form.append(input);
    document.body.append(form);
    form.submit();
  }, { target, bytes, words });
}

test('without a connection a page says so in the language of the reader, and keeps nothing of anybody', { timeout: 120_000 }, async () => {
  const { url } = program.facts;
  const { context, page } = await installed();
  await page.goto(`${url}/settings`);
  await context.setOffline(true);
  await page.goto(`${url}/queue`);
  await page.getByRole('heading', { name: 'No connection' }).waitFor();
  await accessible(page, 'the page without a connection');
  await fits(page, 'the page without a connection');
  await look(page, 'installed-offline');
  await context.setOffline(false);
  await page.getByRole('link', { name: 'Try again' }).click();
  await page.waitForURL('**/queue');
  await page.locator('nav a[aria-current=page][href="/queue"]:visible').waitFor();

  await page.getByRole('button', { name: 'Русский' }).first().click();
  await page.waitForFunction(() => document.documentElement.lang === 'ru');
  await page.waitForFunction(async () => {
    for (const name of await caches.keys()) {
      const kept = await caches.match('/offline', { cacheName: name, ignoreVary: true });
      if (kept && (await kept.text()).includes('Нет соединения')) return true;
    }
    return false;
  });
  // A worker that the browser starts anew at this moment may not know yet that there is no network.
  const cut = page.getByRole('heading', { name: 'Нет соединения' });
  for (let n = 0; n < 5 && !await cut.isVisible(); n += 1) {
    await context.setOffline(false);
    await context.setOffline(true);
    await page.goto(`${url}/library`);
    await cut.waitFor({ timeout: 3_000 }).catch(() => {});
  }
  await cut.waitFor();
  await look(page, 'installed-offline-ru');
  await context.setOffline(false);
  const kept = await page.evaluate(async () => {
    const all = [];
    for (const name of await caches.keys()) for (const request of await (await caches.open(name)).keys()) all.push(new URL(request.url).pathname);
    return all;
  });
  assert.deepEqual(kept.filter((path) => path !== '/offline' && !path.startsWith('/assets/')), [], 'no page of a person lies in the browser');
  // The language is the person's, so the next story would be told in it.
  await page.getByRole('link', { name: 'Попробовать ещё раз' }).click();
  await page.getByRole('button', { name: 'English' }).first().click();
  await page.waitForFunction(() => document.documentElement.lang === 'en');
  await context.close();
});

test('a page that anybody may read keeps nothing in anybody\'s browser', { timeout: 60_000 }, async () => {
  const { url } = program.facts;
  const { context, page } = await watched(browser, [url], phone);
  for (const path of ['/', '/privacy', '/terms', '/connect']) {
    await page.goto(`${url}${path}`);
    await page.waitForLoadState('networkidle');
    const kept = await page.evaluate(async () => [(await navigator.serviceWorker.getRegistrations()).length, (await caches.keys()).length, localStorage.length]);
    assert.deepEqual(kept, [0, 0, 0], path);
  }
  assert.deepEqual(await context.cookies(), []);
  await context.close();
});

test('a video shared from the gallery is uploaded on the page of a new post, once', { timeout: 120_000 }, async () => {
  const { url } = program.facts;
  const { context, page, complaints } = await installed();
  const address = await page.locator('link[rel=manifest]').getAttribute('href');
  const manifest = await (await page.request.get(`${url}${address}`)).json();
  assert.ok(manifest.display === 'standalone');
  // Each picture is there, is what it says, and each platform finds one that it takes.
  for (const purpose of ['any', 'maskable']) for (const size of ['192x192', '512x512']) assert.ok(manifest.icons.some((it) => it.type === 'image/png' && it.purpose === purpose && it.sizes === size), `${purpose} ${size}`);
  const icons = [...manifest.icons, { src: await page.locator('link[rel=apple-touch-icon]').getAttribute('href'), sizes: '180x180', type: 'image/png' }];
  for (const { src, sizes, type } of icons) {
    const answer = await page.request.get(`${url}${src}`);
    assert.equal(answer.headers()['content-type'], type, src);
    if (type !== 'image/png') continue;
    const bytes = await answer.body();
    assert.equal(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`, sizes, src);
  }
  await share(page, manifest.share_target, readFileSync(film).toString('base64'));
  await page.waitForURL('**/compose');
  await page.getByText('Shared from another application').waitFor();
  await fits(page, 'the page of a new post with a shared file');
  await accessible(page, 'the page of a new post with a shared file');
  await look(page, 'installed-offered');
  // Whoever looks elsewhere first finds it again; nothing was uploaded without a press.
  await page.reload();
  await page.getByRole('button', { name: 'Upload', exact: true }).click();
  await page.waitForURL('**/compose?media=*');
  assert.equal(await page.getByRole('checkbox', { name: /from gallery №1/ }).isChecked(), true, 'it is there and chosen');
  assert.ok(await page.getByText('Record a video').isVisible(), 'a phone has a camera');
  await fits(page, 'the page of a new post');
  await look(page, 'installed-shared');
  await page.goto(`${url}/compose`);
  assert.equal(await page.getByText('Shared from another application').isVisible(), false, 'it is not offered twice');
  assert.deepEqual(await page.evaluate(async () => (await (await caches.open('shared')).keys()).length), 0);

  // A file that nobody took leaves with its owner.
  await page.route('**/compose', (route) => route.abort());
  await share(page, manifest.share_target, readFileSync(film).toString('base64')).catch(() => {});
  await page.unroute('**/compose');
  await page.goto(`${url}/settings`);
  await page.getByRole('button', { name: 'Sign out' }).first().click();
  await page.waitForURL((now) => !now.pathname.startsWith('/settings'));
  assert.deepEqual(await page.evaluate(() => caches.has('shared')), false, 'gone with signing out');
  assert.deepEqual(complaints.filter((complaint) => !/ERR_FAILED/.test(complaint)), []);
  await context.close();
});

test('words shared from another application begin the caption of the next post, and stay words like any other', { timeout: 120_000 }, async () => {
  const { url } = program.facts;
  const { context, page, complaints } = await installed();
  const address = await page.locator('link[rel=manifest]').getAttribute('href');
  const { share_target: target } = await (await page.request.get(`${url}${address}`)).json();
  await share(page, target, '', { title: 'A page', text: 'How to knead dough', url: 'https://bakery.example/dough' });
  await page.waitForURL('**/compose');
  await page.getByText('begins the caption of the next post').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Upload', exact: true }).isVisible(), false, 'there is no file to upload');
  await fits(page, 'the page of a new post with shared words');
  await accessible(page, 'the page of a new post with shared words');
  await look(page, 'installed-words');
  await page.getByLabel('Drop videos or photos here, or choose them').setInputFiles(film);
  await begin(page, 'from-gallery.mp4', 'Moloko Demo');
  await page.waitForFunction(() => document.querySelector('#caption').value === 'How to knead dough\nhttps://bakery.example/dough');
  await look(page, 'installed-words-taken');
  await page.getByLabel('Caption').fill('Mine now');
  await page.goto(`${url}/compose`);
  assert.equal(await page.getByText('begins the caption of the next post').isVisible(), false, 'they are taken once');

  await share(page, target, '', { title: '', text: 'Look: https://bakery.example/dough', url: 'https://bakery.example/dough' });
  await page.waitForURL('**/compose');
  await page.locator('[data-shared-words] q', { hasText: /^Look: https:\/\/bakery\.example\/dough$/ }).waitFor();
  await page.getByRole('button', { name: 'Throw away' }).click();
  await page.reload();
  assert.equal(await page.getByText('begins the caption of the next post').isVisible(), false, 'thrown away is gone');
  assert.deepEqual(complaints, []);
  await context.close();
});

test('where the worker is not there the server says what to do instead', { timeout: 60_000 }, async () => {
  const { url } = program.facts;
  const { context, page } = await watched(browser, [url, program.facts.simulator], { ...phone, serviceWorkers: 'block' });
  await signIn(page, url);
  await share(page, { action: '/share', method: 'POST', enctype: 'multipart/form-data', params: { files: [{ name: 'media' }] } }, readFileSync(film).toString('base64'));
  await page.getByRole('heading', { name: 'The shared file did not arrive' }).waitFor();
  await accessible(page, 'the page of a lost share');
  await fits(page, 'the page of a lost share');
  await look(page, 'installed-share-lost');
  await page.getByRole('link', { name: 'Choose a file' }).click();
  await page.waitForURL('**/compose');
  await context.close();
});
