// Somebody leaves, and the process is killed again and again while it erases. In the end nothing of theirs is in the data folder,
// read as raw bytes, and everybody else's is.
import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { canary } from '../lib/canary.mjs';
import { material } from '../lib/crowd.mjs';
import { HttpPerson } from '../lib/http_person.mjs';
import { chance } from '../lib/judge.mjs';
import { Pair } from '../lib/pair.mjs';
import { folder } from '../lib/programs.mjs';
import { traces } from '../lib/traces.mjs';

const POSTS = 60, KILLS = 6;
let pair;
afterEach(async () => { await pair?.stop(); pair = undefined; });

/** Where a text is in what the instance keeps. */
const hits = (text) => traces(pair, pair.data, [text]);

async function somebody(name, nickname, canary, posts) {
  await pair.simulator.ask('POST', 'users', { username: name, nickname, daily_post_cap: 1_000 });
  const person = await new HttpPerson(pair.url).signIn(name);
  const file = join(folder(`file-${canary}`), `${canary}-film.mp4`);
  copyFileSync(material().small.path, file);
  const media = await person.upload(file);
  for (let n = 1; n <= posts; n += 1) {
    await person.press(await person.draft(media), `${canary} ${n}`, 'schedule', Date.now() + 3_600_000);
  }
  await person.press(await person.draft(media), `${canary} out`, 'now');
  await pair.simulator.until('the post', async (sim) => (await sim.posts()).some((post) => post.caption === `${canary} out`), 60);
  return person;
}

test('pp_6_4 pp_6_5 killed again and again, an erasure still ends and leaves nothing behind', { timeout: 300_000 }, async () => {
  const luck = chance(Number(process.env.SEED ?? 11));
  pair = await Pair.start('erasure', { MOLOKO_ERASURE_GRACE_DAYS: '0' });
  const { person: leaver, texts, all } = await canary(pair, 'canaryhandle91', material().small.path);
  const film = await leaver.upload(material().small.path);
  for (let n = 1; n <= POSTS; n += 1) await leaver.press(await leaver.draft(film), `${texts.planned} ${n}`, 'schedule', Date.now() + 3_600_000);
  const other = await somebody('stayinghandle7', 'Staying Nickname 7', 'staying-caption-7', 1);
  // Names and captions are sealed and in no file as they are read, not even before. What TikTok called the post is, until it goes.
  const publishId = async (caption) => (await pair.simulator.posts()).find((post) => post.caption === caption).publish_id;
  const stayed = await publishId('staying-caption-7 out');
  for (const clear of [texts.publish_id, texts.bytes]) assert.ok((await hits(clear)).length > 0, 'what is looked for can be found');
  for (const sealed of ['caption', 'planned', 'nickname', 'name', 'request', 'words']) assert.deepEqual(await hits(texts[sealed]), [], `${sealed} is sealed`);
  for (const never of ['search', 'browser', 'address']) assert.deepEqual(await hits(texts[never]), [], `${never} is kept nowhere`);

  const { location } = await leaver.form('/settings/leave', []);
  assert.match(location, /^\/receipts\//);
  const receipt = async () => (await fetch(`${pair.url}${location}/receipt.json`)).json();
  let kills = 0;
  while ((await receipt()).state !== 'done' && kills < KILLS) {
    await new Promise((next) => setTimeout(next, luck.next() * 25));
    await pair.service.kill();
    kills += 1;
    await pair.power();
  }
  await pair.simulator.until('the end of the erasure', async () => (await receipt()).state === 'done', 120);
  const told = await receipt();
  assert.equal(told.tiktok_revocation, 'confirmed');
  assert.equal(told.erased.posts, POSTS + 2);
  assert.equal(told.erased.people, 1);
  await leaver.ask('/queue', { ok: [303] });

  assert.deepEqual(await traces(pair, pair.data, all), [], 'while the service runs');
  const page = await other.ask('/queue');
  assert.ok(page.text.includes('staying-caption-7 1'), 'somebody else is not touched');
  await pair.service.stop();
  assert.deepEqual(await traces(pair, pair.data, all), [], 'after the stop');
  assert.ok((await hits(stayed)).length > 0);
  console.log(`killed ${kills} times; erased ${JSON.stringify(told.erased)}`);
});
