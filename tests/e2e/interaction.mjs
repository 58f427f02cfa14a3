// How long an interaction takes until its next paint, on a phone whose processor is four times slower. Run by `make interaction`; prints one line for
// each interaction and ends with 1 when a quarter of its turns takes longer than the bar: single ones are delayed by whatever else the machine does. Options: `--bar=MS`, `--turns=N`, `--slow=N`.
//
// The figures are the browser's own (Event Timing): from the event to the paint that shows what came of it, in steps of 8 ms, and nothing below 16 ms is told.
import { open } from './lib/browser.mjs';
import { asking, draft, plan } from './lib/planned.mjs';
import { demo } from './lib/programs.mjs';

const option = (name, otherwise) => Number(new RegExp(`--${name}=(\\d+)`).exec(process.argv.join(' '))?.[1] ?? otherwise);
const [bar, turns, slow] = [option('bar', 100), option('turns', 12), option('slow', 4)];
const POSTS = 40;

const service = await demo();
const { url, cookie } = service.facts;
const ask = asking(service.facts);
await plan(ask, POSTS, (n) => `Honey cake, layer by layer, part ${n} #baking`);
const composer = await draft(ask);
for (const words of ['Milk at dawn', 'A cat in the cellar', 'Honey, once more']) await ask('/board/ideas', { words, account: '' });

const browser = await open();
const context = await browser.newContext({ viewport: { width: 360, height: 780 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true, reducedMotion: 'reduce' });
const [name, value] = cookie.split(/=(.*)/s);
await context.addCookies([{ name, value, url }]);
const page = await context.newPage();
const session = await context.newCDPSession(page);
await page.addInitScript(() => {
  window.timings = [];
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) if (one.interactionId) window.timings.push(one.duration);
  }).observe({ type: 'event', durationThreshold: 16, buffered: true });
});

/** Two frames, so that the paint that an event led to is over and told. */
const painted = () => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50)))));

async function measured(title, path, before, act) {
  await session.send('Emulation.setCPUThrottlingRate', { rate: 1 });
  await page.goto(url + path);
  await page.waitForLoadState('networkidle').catch(() => undefined);
  await before?.();
  await session.send('Emulation.setCPUThrottlingRate', { rate: slow });
  const all = [];
  for (let turn = 0; turn < turns; turn += 1) {
    await page.evaluate(() => { window.timings.length = 0; });
    const still = await act(turn);
    if (still === false) break;
    await painted();
    // Nothing told is less than 16 ms.
    all.push(Math.max(0, ...await page.evaluate(() => window.timings)));
  }
  await session.send('Emulation.setCPUThrottlingRate', { rate: 1 });
  all.sort((a, b) => a - b);
  const told = (ms) => (ms === 0 ? '< 16' : String(ms));
  const [median, quarter, worst] = [all[Math.floor(all.length / 2)], all[Math.floor(all.length * 0.75)], all.at(-1)];
  console.log(`${title.padEnd(44)} median ${told(median).padStart(4)} ms, third quartile ${told(quarter).padStart(4)} ms, worst ${told(worst).padStart(4)} ms of ${all.length}`);
  return quarter <= bar;
}

const tap = (selector) => page.locator(selector).first().tap();
const outcomes = [
  await measured('queue: j and k', '/queue', null, (turn) => page.keyboard.press(turn % 3 === 2 ? 'k' : 'j')),
  await measured('queue: opening and closing a menu', '/queue', null, () => tap('#queue details.menu summary, #queue [popovertarget], #queue .menu summary')),
  await measured('composer: a letter in the caption', composer, () => page.locator('#caption').focus(), () => page.keyboard.press('a')),
  await measured('composer: the switch of commercial content', composer, null, () => tap('label:has(#disc), #disc')),
  await measured('many at once: ticking a row', '/bulk', null, () => tap('#grid td.pick input, #grid td.pick label')),
  await measured('calendar: lifting a post and moving it a day', '/calendar?view=week', async () => {
    await page.locator('.cal [data-post] .ev-open').first().focus();
    await page.keyboard.press('m');
  }, (turn) => page.keyboard.press(turn % 2 ? 'ArrowLeft' : 'ArrowRight')),
  await measured('calendar: opening the panel', '/calendar?view=week', null, async () => {
    if (await page.locator('#move').count()) await page.goto(`${url}/calendar?view=week`);
    await page.evaluate(() => { window.timings.length = 0; });
    await page.locator('.cal [data-post] .ev-open').first().focus();
    await page.keyboard.press('m');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.locator('#move').waitFor();
  }),
  await measured('board: lifting a card and moving it', '/board?col=ideas', async () => {
    await page.locator('.board-col:not([hidden]) .bcard .ev-open').first().focus();
    await page.keyboard.press('m');
  }, (turn) => page.keyboard.press(turn % 2 ? 'ArrowUp' : 'ArrowDown')),
  await measured('board: putting a card down', '/board?col=ideas', null, async () => {
    await page.locator('.board-col .bcard .ev-open').first().focus();
    await page.keyboard.press('m');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.locator('#moved').waitFor();
  }),
];
await browser.close();
await service.stop();
if (outcomes.includes(false)) {
  console.error(`interaction: something takes longer than ${bar} ms`);
  process.exit(1);
}
