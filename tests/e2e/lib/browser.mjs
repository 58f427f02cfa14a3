// One Chromium for a test file, and a watched page: whatever the browser complains about is collected and must be empty at
// the end. Owns the browser; knows nothing of what is on the pages.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { root } from './programs.mjs';

const require = createRequire(import.meta.url);
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const executables = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A browser with a fresh profile and without habits of its own. */
export async function open() {
  const { existsSync } = await import('node:fs');
  const executablePath = process.env.MOLOKO_TEST_CHROMIUM ?? executables.find((path) => existsSync(path));
  assert.ok(executablePath, 'no Chromium found; install the Debian package chromium');
  return chromium.launch({
    executablePath,
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required'],
  });
}

/** A page in its own context; `allowed` are the origins it may talk to. */
export async function watched(browser, allowed, options = {}) {
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/Berlin', viewport: { width: 1440, height: 900 }, ...options });
  const complaints = [];
  await context.addInitScript(() => {
    window.addEventListener('securitypolicyviolation', (event) => {
      console.error(`CSP violation: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile ?? ''}`);
    });
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on('console', (message) => {
    if (message.type() === 'error' || /content security policy/i.test(message.text())) complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`script: ${error.message}`));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (!['data:', 'blob:'].includes(url.protocol) && !allowed.includes(url.origin)) complaints.push(`foreign request: ${url.origin}${url.pathname}`);
  });
  return { context, page, complaints };
}

/** What axe says. The simulator's console loads itself anew every few seconds; a look that falls into that is taken again. */
async function judged(page) {
  for (let turn = 0; ; turn += 1) {
    try {
      await page.evaluate(axeSource);
      return await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
    } catch (error) {
      if (turn > 2 || !/context was destroyed|window\.axe/.test(error.message)) throw error;
      await page.waitForLoadState('load');
    }
  }
}

/** Fails with every rule that a page breaks and the first elements that break it. */
export async function accessible(page, name) {
  const found = await judged(page);
  const report = found.violations.map((rule) => `${rule.id} (${rule.impact}): ${rule.nodes.slice(0, 3).map((node) => node.target.join(' ')).join(' | ')}`);
  assert.deepEqual(report, [], `accessibility of ${name}`);
}

/** Nothing may scroll sideways: the commonest fault of a page on a phone. */
export async function fits(page, name) {
  // Rows may stand before the style sheet came.
  await page.waitForLoadState();
  const { wide, room, culprits } = await page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    const over = [...document.querySelectorAll('main *')].filter((element) => element.getBoundingClientRect().right > room + 1);
    const culprits = over.slice(0, 6).map((element) => `${element.tagName.toLowerCase()}.${[...element.classList].join('.')}`);
    return { wide: document.documentElement.scrollWidth, room, culprits };
  });
  assert.ok(wide <= room, `${name} is ${wide} px wide in a window of ${room} px: ${culprits.join(', ')}`);
}

/** One picture. A browser that draws nothing new now and then forgets to answer; it is asked once more. */
async function picture(page, path) {
  try {
    await page.screenshot({ path, fullPage: true });
  } catch (error) {
    if (error.name !== 'TimeoutError') throw error;
    await page.screenshot({ path, fullPage: true });
  }
}

/**
 * Checks width (phone, tablet, desktop) and accessibility of a page in both themes, and leaves pictures in target/screens: of phone and
 * desktop, with MOLOKO_TEST_PICTURES=all also of the tablet.
 */
export async function look(page, name) {
  const target = join(root, 'target/screens');
  mkdirSync(target, { recursive: true });
  const before = page.viewportSize();
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const width of [360, 768, 1440]) {
      await page.setViewportSize({ width, height: width === 360 ? 780 : 900 });
      await fits(page, `${name} at ${width} px, ${colorScheme}`);
      if (width !== 768 || process.env.MOLOKO_TEST_PICTURES === 'all') await picture(page, join(target, `${name}-${width}-${colorScheme}.png`));
    }
    await accessible(page, `${name}, ${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
  await page.setViewportSize(before);
  // Colours change over a moment; whoever judges them next sees them as they are. Other animations may go on for ever.
  await page.evaluate(() => Promise.allSettled(document.getAnimations().filter((one) => one instanceof CSSTransition).map((one) => one.finished)));
}
