// Every page that links lead to, as somebody with posts meets it on a phone, in both languages: it weighs little, nothing jumps while it
// comes, nothing hangs over the edge, and axe finds nothing in either theme. Whoever adds a page adds it here by linking to it.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { accessible, fits, open, watched } from '../lib/browser.mjs';
import { asking, draft, plan } from '../lib/planned.mjs';
import { demo, root } from '../lib/programs.mjs';
import { cold, sum } from '../lib/weight.mjs';

/** Bytes on the line of a first visit without pictures and films, and of its scripts. */
const PAGE_MAX = 60_000;
const SCRIPT_MAX = 40_000;
/** Pages on which an editor works the whole day may have more script. */
const HEAVY = { '/bulk': 90_000, '/calendar': 90_000 };
/** What must be found by following links, or the walk is broken. */
const KNOWN = ['/', '/privacy', '/terms', '/queue', '/calendar', '/board', '/bulk', '/compose', '/compose/*', '/library', '/history', '/posts/*', '/connections', '/settings', '/your-data', '/notices', '/snippets', '/help'];

let program, browser;

before(async () => {
  program = await demo();
  browser = await open();
});

after(async () => {
  await browser?.close();
  if (program) assert.deepEqual(await program.stop(), { code: 0, signal: null }, 'the demo ends politely');
});

/** A path with its ids taken out: pages of one kind are looked at once. */
const kind = (path) => path.split('/').map((part) => (/^[0-9a-f-]{36}$|^\d+(\.\d+)?$/.test(part) ? '*' : part)).join('/');

/** Every additional style sheet by its address; the gallery of components has them all. */
async function sheets(page, url) {
  await page.goto(`${url}/dev/gallery`);
  const addresses = await page.locator('link[rel=stylesheet]').evaluateAll((links) => links.map((link) => link.href));
  return Promise.all(addresses.map(async (address) => [address, await (await fetch(address)).text()]));
}

/** Selectors of sheets that a page does not have and of which something stands on it all the same. */
function undressed(page, all) {
  return page.evaluate((known) => {
    const own = new Set([...document.querySelectorAll('link[rel=stylesheet]')].map((link) => link.href));
    const found = [];
    const dressed = new Set();
    const each = (rules, see) => { for (const rule of rules) rule.selectorText ? see(rule) : each(rule.cssRules ?? [], see); };
    const parsed = known.map(([address, text]) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(text);
      return [own.has(address), sheet.cssRules];
    });
    for (const [here, rules] of parsed) if (here) each(rules, (rule) => dressed.add(rule.selectorText));
    for (const [here, rules] of parsed) {
      if (here) continue;
      each(rules, (rule) => {
        if (dressed.has(rule.selectorText)) return;
        // What a mouse does and what is drawn beside an element says nothing about whether it stands there.
        const plain = rule.selectorText.replace(/::[\w-]+(\([^)]*\))?|:(hover|active|focus|focus-visible|focus-within)\b/g, ':not(never)');
        if (/\./.test(plain) && document.querySelector(plain)) found.push(rule.selectorText);
      });
    }
    return [...new Set(found)];
  }, all);
}

/** All pages of the site that links lead to, one of each kind. */
async function walk(page, url, starts) {
  const found = new Map(starts.map((path) => [kind(path), path]));
  for (const path of found.values()) {
    await page.goto(url + path);
    const hrefs = await page.locator('a[href]').evaluateAll((links) => links.filter((link) => !link.hasAttribute('download')).map((link) => link.href));
    for (const href of hrefs) {
      const there = new URL(href);
      if (there.origin !== url || /^\/(media|dev|assets)\/|\.(json|csv|xlsx|txt)$|^\/bulk\/plan/.test(there.pathname)) continue;
      const name = kind(there.pathname);
      if (!found.has(name)) found.set(name, there.pathname + there.search);
    }
  }
  return found;
}

test('every page is light, still, narrow enough and accessible in both languages', { timeout: 900_000 }, async (t) => {
  const { url, cookie } = program.facts;
  const ask = asking(program.facts);
  await plan(ask, 6, (n) => `Honey cake, layer by layer, part ${n} #baking`);
  const one = await draft(ask);
  await ask('/snippets', { kind: 'template', name: 'Evening', words: 'The harbour at dusk\n#harbour #dusk' });
  const { page, context, complaints } = await watched(browser, [url], { viewport: { width: 360, height: 780 }, serviceWorkers: 'block' });
  const [name, value] = cookie.split('=');
  await context.addCookies([{ name, value, url }]);
  const pages = await walk(page, url, ['/', '/queue', one]);
  // Scripts come after the page is seen, as on a slow line: what they change then would jump.
  await page.route(/\/assets\/[^/]+\.js$/, async (route) => {
    await new Promise((done) => setTimeout(done, 250));
    await route.continue();
  });
  for (const known of KNOWN) assert.ok(pages.has(known), `no link leads to ${known}; there are ${[...pages.keys()].join(' ')}`);
  const all = await sheets(page, url);
  assert.ok(all.length > 4, 'the gallery has every sheet');
  const table = [];
  const wrong = [];
  for (const language of ['en', 'ru']) {
    await ask('/preferences', { locale: language, next: '/' });
    for (const [key, path] of pages) {
      const { bytes, media, later, shift, moved } = await cold(page, url + path);
      table.push([language, key, sum(bytes), ...Object.values(bytes), media, later, shift.toFixed(3)].join('\t'));
      const heavy = HEAVY[key] ?? SCRIPT_MAX;
      // What comes later is script: live updates.
      const script = bytes.script + later;
      if (script > heavy) wrong.push(`${key} (${language}) has ${script} bytes of script, more than ${heavy}`);
      if (sum(bytes) > PAGE_MAX) wrong.push(`${key} (${language}) weighs ${sum(bytes)} bytes, more than ${PAGE_MAX}: ${JSON.stringify(bytes)}`);
      if (shift > 0) wrong.push(`${key} (${language}) jumps by ${shift}: ${moved}`);
      assert.equal(await page.evaluate(() => document.documentElement.lang), language, `${key} speaks ${language}`);
      const bare = await undressed(page, all);
      if (bare.length) wrong.push(`${key} (${language}) has no sheet for ${bare.join(' ')}`);
      for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await fits(page, `${key}, ${language}`).catch((error) => wrong.push(error.message));
        await accessible(page, `${key}, ${language}, ${colorScheme}`).catch((error) => wrong.push(`${error.message}: ${JSON.stringify(error.actual)}`));
      }
    }
  }
  await ask('/preferences', { locale: 'en', next: '/' });
  mkdirSync(join(root, 'target'), { recursive: true });
  writeFileSync(join(root, 'target/page-weight.tsv'), `language\tpage\tall\tdocument\tstyle\tscript\tfont\tother\tmedia\tlater\tshift\n${table.join('\n')}\n`);
  t.diagnostic(`${pages.size} pages, figures in target/page-weight.tsv`);
  assert.deepEqual([...wrong, ...complaints], []);
});
