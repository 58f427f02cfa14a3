// Pictures of the key pages, drawn from samples with fixed times, at three widths and in both themes, against how they looked when somebody
// looked at them last (looks.json: brightness in twelve columns, sixteen steps). Tolerant: letters may be drawn otherwise, a block that is
// gone, moved or unstyled may not. After a change on purpose look at target/screens/looks and run with MOLOKO_TEST_LOOKS=write.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { open } from '../lib/browser.mjs';
import { root } from '../lib/programs.mjs';

const PAGES = ['landing', 'queue', 'queue-empty', 'calendar-month', 'calendar-week', 'composer', 'start', 'library', 'history', 'analytics', 'post-scheduled', 'connections', 'settings'];
const WIDTHS = { 360: 780, 768: 900, 1440: 900 };
const COLUMNS = 12;
/** Mean difference of brightness, and the part of cells that may differ by more than four of the sixteen steps. */
const MEAN_MAX = 0.5;
const FAR_MAX = 0.02;
/** 24 November 2026, 12:30 UTC, the instant of the samples. */
const NOW = 1_795_523_400_000;

const samples = join(root, 'target/samples');
const known = join(import.meta.dirname, '../looks.json');
const TYPES = { '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml', '.woff2': 'font/woff2', '.webmanifest': 'application/manifest+json' };
/** Files that the samples name and that are not bundled: the samples are of an earlier bundle. */
const stale = [];
let browser;

before(async () => { browser = await open(); });
after(async () => { await browser?.close(); });

/** A page that gets the samples as documents, the bundled files, a grey picture for each file of a person, and nothing else. */
async function stage(options) {
  const context = await browser.newContext({ viewport: { width: 360, height: 780 }, serviceWorkers: 'block', reducedMotion: 'reduce', timezoneId: 'Europe/Berlin', ...options });
  const page = await context.newPage();
  await page.clock.setFixedTime(NOW);
  await page.route('**/*', (route) => {
    const path = new URL(route.request().url()).pathname;
    if (path.startsWith('/sample/')) return route.fulfill({ contentType: 'text/html; charset=utf-8', path: join(samples, basename(path)) });
    if (path.startsWith('/assets/')) {
      const file = join(root, 'crates/web/assets/dist', basename(path));
      if (!existsSync(file)) {
        stale.push(path);
        return route.fulfill({ status: 404 });
      }
      // Letters are waited for, however slow the machine is.
      const body = path.endsWith('.css') ? readFileSync(file, 'utf8').replaceAll('font-display:optional', 'font-display:block') : readFileSync(file);
      return route.fulfill({ contentType: TYPES[extname(path)], body });
    }
    if (/thumbnail|avatar|frames|file$/.test(path)) return route.fulfill({ contentType: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="160"><rect width="90" height="160" fill="#888"/></svg>' });
    return route.fulfill({ status: 204 });
  });
  return page;
}

/** Brightness of a picture in cells, row by row, as hexadecimal digits. */
const print = (page, png) => page.evaluate(async ([base64, columns]) => {
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
  const rows = Math.round((picture.height / picture.width) * columns);
  const whole = new OffscreenCanvas(picture.width, picture.height);
  const drawn = whole.getContext('2d');
  drawn.drawImage(picture, 0, 0);
  const { data } = drawn.getImageData(0, 0, picture.width, picture.height);
  let digits = '';
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const [left, right] = [column, column + 1].map((n) => Math.floor((n * picture.width) / columns));
      const [top, bottom] = [row, row + 1].map((n) => Math.floor((n * picture.height) / rows));
      let sum = 0;
      for (let y = top; y < bottom; y += 1) for (let x = left; x < right; x += 1) {
        const at = 4 * (y * picture.width + x);
        sum += 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2];
      }
      digits += Math.min(15, Math.floor(sum / ((right - left) * (bottom - top)) / 16)).toString(16);
    }
  }
  return digits;
}, [png.toString('base64'), COLUMNS]);

/** What differs between two prints, in words; nothing when they are alike. */
function unlike(was, is) {
  if (!was) return 'is new: look at it and write it down';
  const rows = [was, is].map((text) => text.length / COLUMNS);
  if (Math.abs(rows[0] - rows[1]) > 1) return `was ${rows[0]} rows high and is ${rows[1]}`;
  let [sum, far] = [0, 0];
  const cells = Math.min(was.length, is.length);
  for (let n = 0; n < cells; n += 1) {
    const apart = Math.abs(Number.parseInt(was[n], 16) - Number.parseInt(is[n], 16));
    sum += apart;
    if (apart > 4) far += 1;
  }
  return sum / cells > MEAN_MAX || far / cells > FAR_MAX ? `differs by ${(sum / cells).toFixed(2)} steps, ${far} of ${cells} cells by far` : undefined;
}

test('the key pages look as they did when somebody looked at them', { timeout: 300_000 }, async () => {
  const looks = existsSync(known) ? JSON.parse(readFileSync(known, 'utf8')) : {};
  const now = {};
  const wrong = [];
  const target = join(root, 'target/screens/looks');
  mkdirSync(target, { recursive: true });
  const page = await stage();
  const blank = await stage();
  await blank.goto('http://moloko.test/blank-for-canvas').catch(() => undefined);
  for (const name of PAGES) {
    for (const language of ['en', 'ru']) {
      assert.ok(existsSync(join(samples, `${name}-${language}.html`)), `target/samples has no ${name}-${language}.html: the step \`scripts/test.sh unit\` writes the samples`);
      await page.goto(`http://moloko.test/sample/${name}-${language}.html`, { waitUntil: 'load' });
      for (const [width, height] of Object.entries(WIDTHS)) {
        await page.setViewportSize({ width: Number(width), height });
        for (const colorScheme of ['light', 'dark']) {
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
          await page.evaluate(() => document.fonts.ready.then(() => undefined));
          const high = Math.min(2 * height, await page.evaluate(() => document.documentElement.scrollHeight));
          const png = await page.screenshot({ fullPage: true, clip: { x: 0, y: 0, width: Number(width), height: high }, animations: 'disabled', path: join(target, `${name}-${language}-${width}-${colorScheme}.png`) });
          // Russian is compared where it is tightest.
          if (language === 'ru' && (width !== '360' || colorScheme !== 'light')) continue;
          const key = `${name} ${language} ${width} ${colorScheme}`;
          now[key] = await print(blank, png);
          const difference = unlike(looks[key], now[key]);
          if (difference) wrong.push(`${key} ${difference}`);
        }
      }
    }
  }
  assert.deepEqual(stale, [], 'the samples are older than the bundle: run `scripts/test.sh unit` again');
  if (process.env.MOLOKO_TEST_LOOKS === 'write') {
    writeFileSync(known, `${JSON.stringify(now, null, 1)}\n`);
    return;
  }
  assert.deepEqual(wrong, [], 'pictures are in target/screens/looks');
});
