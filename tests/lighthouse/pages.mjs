// Lighthouse in its phone profile over the pages people look at most, as a signed-in person with posts. Run by `make lighthouse`;
// ends with 1 when a category is below the bar. Arguments: names of pages (all without), `--bar N`.
import { launch } from 'chrome-launcher';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import lighthouse from 'lighthouse';
import { asking, draft, plan } from '../e2e/lib/planned.mjs';
import { demo, root } from '../e2e/lib/programs.mjs';

const chosen = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const bar = Number(/--bar=(\d+)/.exec(process.argv.join(' '))?.[1] ?? 100);
const categories = ['performance', 'accessibility', 'best-practices', 'seo'];

const service = await demo();
const { url, cookie } = service.facts;
const ask = asking(service.facts);
await plan(ask, 12, (n) => `Honey cake, layer by layer, part ${n} #baking`);
const pages = { landing: '/', queue: '/queue', composer: await draft(ask), calendar: '/calendar', new: '/compose', bulk: '/bulk', history: '/history', library: '/library' };

const chrome = await launch({
  chromePath: process.env.MOLOKO_TEST_CHROMIUM ?? '/usr/bin/chromium',
  chromeFlags: ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const target = join(root, 'target/lighthouse');
mkdirSync(target, { recursive: true });
let below = false;
for (const [name, path] of Object.entries(pages)) {
  if (chosen.length && !chosen.includes(name)) continue;
  const extraHeaders = name === 'landing' ? {} : { Cookie: cookie };
  const { lhr } = await lighthouse(url + path, { port: chrome.port, output: 'json', onlyCategories: categories, extraHeaders, disableStorageReset: false, logLevel: 'error' });
  writeFileSync(join(target, `${name}.json`), JSON.stringify(lhr));
  const score = (id) => Math.round((lhr.categories[id].score ?? 0) * 100);
  const figure = (id) => lhr.audits[id]?.displayValue ?? '';
  console.log(`${name.padEnd(9)} ${categories.map((id) => `${id} ${score(id)}`).join(', ')}; FCP ${figure('first-contentful-paint')}, LCP ${figure('largest-contentful-paint')}, TBT ${figure('total-blocking-time')}, CLS ${figure('cumulative-layout-shift')}, ${figure('total-byte-weight')}`);
  for (const id of categories) {
    if (score(id) >= bar) continue;
    below = true;
    for (const { id: audit, weight } of lhr.categories[id].auditRefs) {
      const found = lhr.audits[audit];
      if (weight > 0 && found.score !== null && found.score < 1) console.log(`  ${id}: ${found.title} ${found.displayValue ?? ''} ${(found.details?.items ?? []).slice(0, 4).map((item) => item.node?.selector ?? item.description ?? item.url ?? '').join(' | ')}`);
    }
  }
}
chrome.kill();
await service.stop();
process.exit(below ? 1 : 0);
