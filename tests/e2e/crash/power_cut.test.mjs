// The power goes while a post is on its way. After the restart it is out exactly once, as the simulator's ledger tells. Both
// programs are real processes; the service dies by SIGKILL and gets no chance to tidy up.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';
import { open, watched } from '../lib/browser.mjs';
import { begin, choosePrivacy, signIn, upload } from '../lib/person.mjs';
import { Pair } from '../lib/pair.mjs';
import { folder } from '../lib/programs.mjs';
import { grow, mp4 } from '../lib/video.mjs';

// Large enough for several pieces: the last one is another request than the first.
const SIZE = 24_000_000;
let browser, video, pair;

before(async () => {
  video = grow(mp4(folder('video'), 'long-clip.mp4', 3), SIZE);
  browser = await open();
});
after(() => browser?.close());
afterEach(async () => { await pair?.stop(); pair = undefined; });

/** Signs in, uploads and presses "Post now"; the rest is up to the service. */
async function postNow(caption) {
  const { page, context } = await watched(browser, [pair.url, pair.simulator.url]);
  await signIn(page, pair.url);
  await upload(page, pair.url, video);
  await begin(page, 'long-clip.mp4', 'Moloko Demo');
  await page.getByLabel('Caption').fill(caption);
  await choosePrivacy(page, 'Everyone');
  await page.getByRole('button', { name: 'Post now' }).click();
  await page.waitForURL('**/queue');
  return { page, context };
}

/** Out once: one post with every byte, one page that says so, and nothing more after a while. */
async function outOnce(page, caption) {
  const posts = await pair.simulator.until('the post', async (sim) => { const all = await sim.posts(); return all.length > 0 && all; }, 120);
  assert.equal(posts[0].caption, caption);
  assert.equal(posts[0].sha256, createHash('sha256').update(readFileSync(video)).digest('hex'));
  await page.goto(`${pair.url}/queue`);
  await page.getByText('Published', { exact: true }).first().waitFor({ timeout: 90_000 });
  await page.goto(`${pair.url}/history`);
  await page.getByRole('link', { name: new RegExp(caption) }).first().waitFor();
  await new Promise((done) => setTimeout(done, 3_000));
  assert.equal((await pair.simulator.posts()).length, 1, 'still one');
  assert.deepEqual(await pair.simulator.duplicates(), []);
}

test('in the middle of the upload: the same attempt goes on', { timeout: 240_000 }, async () => {
  pair = await Pair.start('middle');
  await pair.simulator.fault({ route: 'upload_final_chunk', action: { latency: 60_000 }, times: 1 });
  const { page } = await postNow('Cut in the middle');
  await pair.simulator.until('some bytes', async (sim) => (await sim.tasks()).some((task) => task.received_bytes > 0 && task.received_bytes < SIZE));
  await pair.powerCut();
  await outOnce(page, 'Cut in the middle');
  assert.equal((await pair.simulator.tasks()).length, 1, 'no second upload was begun');
});

test('after the last piece, before its answer: TikTok is asked, nothing is sent again', { timeout: 240_000 }, async () => {
  pair = await Pair.start('last');
  await pair.simulator.fault({ route: 'upload_final_chunk', action: 'drop_after', times: 1 });
  await pair.simulator.fault({ route: 'status', action: { latency: 60_000 } });
  const { page } = await postNow('Cut at the end');
  await pair.simulator.until('every byte', async (sim) => (await sim.tasks()).some((task) => task.received_bytes === SIZE));
  await pair.powerCut();
  await outOnce(page, 'Cut at the end');
  assert.equal((await pair.simulator.tasks()).length, 1, 'no second upload was begun');
});

test('while TikTok answers the first call: a new attempt, because nothing can come of the lost one', { timeout: 240_000 }, async () => {
  pair = await Pair.start('first');
  await pair.simulator.fault({ route: 'video_init', action: { latency: 3_000 }, times: 1 });
  const { page } = await postNow('Cut at the start');
  await pair.simulator.until('the first call', async (sim) => (await sim.faults()).every((rule) => rule.route !== 'video_init'));
  await pair.powerCut();
  await outOnce(page, 'Cut at the start');
});

test('while a person uploads: what arrived is kept, and the upload goes on from there', { timeout: 120_000 }, async () => {
  pair = await Pair.start('person');
  const { page, context } = await watched(browser, [pair.url, pair.simulator.url]);
  await signIn(page, pair.url);
  const cookie = (await context.cookies()).filter((one) => pair.url.includes(one.domain)).map((one) => `${one.name}=${one.value}`).join('; ');
  const headers = { cookie, origin: pair.url, 'tus-resumable': '1.0.0' };
  const bytes = readFileSync(video);
  const created = await fetch(`${pair.url}/api/v1/uploads`, {
    method: 'POST', headers: { ...headers, 'upload-length': String(SIZE), 'upload-metadata': `filename ${btoa('kept.mp4')}` },
  });
  assert.equal(created.status, 201, await created.text());
  const place = new URL(created.headers.get('location'), pair.url);
  const patch = (offset, body) => fetch(place, {
    method: 'PATCH', duplex: 'half', headers: { ...headers, 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' }, body,
  });
  const first = await patch(0, bytes.subarray(0, 9_000_000));
  assert.equal(first.status, 204, await first.text());
  // The second piece stalls half way, and then the power goes.
  const half = new ReadableStream({ start(stream) { stream.enqueue(bytes.subarray(9_000_000, 15_000_000)); } });
  const stalled = patch(9_000_000, half).catch(() => 'cut');
  await new Promise((done) => setTimeout(done, 700));
  await pair.powerCut();
  assert.equal(await stalled, 'cut');
  const head = await fetch(place, { method: 'HEAD', headers });
  const offset = Number(head.headers.get('upload-offset'));
  assert.ok(offset >= 9_000_000 && offset <= 15_000_000, `goes on at ${offset}`);
  const rest = await patch(offset, bytes.subarray(offset));
  assert.equal(rest.status, 204, await rest.text());
  await page.goto(`${pair.url}/library`);
  await page.getByText('kept.mp4').first().waitFor();
});
