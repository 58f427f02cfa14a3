// What a page costs when it comes for the first time: bytes on the line by kind, and how far things jump. Owns the counting; what is too
// much is said by the tests.

const KINDS = { Document: 'document', Stylesheet: 'style', Script: 'script', Font: 'font' };

/**
 * Loads `address` with an empty cache and gives `{ bytes: { document, style, script, font, other }, media, later, shift, moved }`: compressed
 * bytes of what is asked for until the page has loaded, of pictures and films apart, and of what scripts fetch after that.
 */
export async function cold(page, address) {
  const devtools = await page.context().newCDPSession(page);
  const asked = new Map();
  const of = (id) => asked.get(id) ?? asked.set(id, {}).get(id);
  let loaded = Infinity;
  // What the page before this one still asks for is none of this one's weight.
  let own;
  devtools.on('Network.requestWillBeSent', ({ requestId, timestamp, request, loaderId, type }) => {
    of(requestId).began ??= timestamp;
    of(requestId).url = request.url;
    of(requestId).loader = loaderId;
    if (type === 'Document') own = loaderId;
  });
  devtools.on('Network.responseReceived', ({ requestId, type, response }) => Object.assign(of(requestId), { type, mime: response.mimeType }));
  devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => { of(requestId).bytes = encodedDataLength; });
  devtools.on('Page.loadEventFired', ({ timestamp }) => { loaded = timestamp; });
  await devtools.send('Network.enable');
  await devtools.send('Page.enable');
  await devtools.send('Network.setCacheDisabled', { cacheDisabled: true });
  await page.goto(address, { waitUntil: 'load' });
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
  // What comes later is waited for, or it would weigh nothing on a slow machine.
  if (await page.evaluate(() => document.querySelector('[hx-get]') !== null)) {
    for (const deadline = Date.now() + 20_000; Date.now() < deadline;) {
      if ([...asked.values()].some(({ url = '', bytes }) => url.includes('/assets/live-') && bytes !== undefined)) break;
      await new Promise((done) => setTimeout(done, 20));
    }
  }
  const jumps = await page.evaluate(() => new Promise((done) => {
    const found = { shift: 0, moved: [] };
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        if (entry.hadRecentInput) continue;
        found.shift += entry.value;
        for (const { node } of entry.sources) found.moved.push(`${node?.nodeName.toLowerCase()}#${node?.id ?? ''}.${node?.className ?? ''}`);
      }
    }).observe({ type: 'layout-shift', buffered: true });
    setTimeout(() => done(found), 150);
  }));
  await devtools.detach();
  const bytes = { document: 0, style: 0, script: 0, font: 0, other: 0 };
  let [media, later] = [0, 0];
  for (const { began, type, mime, loader, bytes: size = 0 } of asked.values()) {
    if (loader !== own) continue;
    if (began > loaded) later += size;
    else if (/^(image\/(?!svg)|video\/)/.test(mime)) media += size;
    else bytes[KINDS[type] ?? 'other'] += size;
  }
  return { bytes, media, later, ...jumps };
}

export const sum = (bytes) => Object.values(bytes).reduce((whole, part) => whole + part, 0);
