// Finished files at an S3-compatible storage, as processes: the service is killed while a file is on its way there, commands move files
// and are killed, two nodes share one storage. Nothing is lost, nothing is left over, posts go out once. Part of `make reliability`;
// ROUNDS repeats the kills, SEED their moments, STORY picks one.
import assert from 'node:assert/strict';
import { openAsBlob, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { crowd, material } from '../lib/crowd.mjs';
import { HttpPerson } from '../lib/http_person.mjs';
import { chance, ledger, outOnce, sha256 } from '../lib/judge.mjs';
import { Nodes, postgres } from '../lib/nodes.mjs';
import { Pair } from '../lib/pair.mjs';
import { folder, Program } from '../lib/programs.mjs';
import { Storage } from '../lib/storage.mjs';
import { grow, mp4 } from '../lib/video.mjs';

const rounds = Number(process.env.ROUNDS ?? 6), seed = Number(process.env.SEED ?? 7);
const only = process.env.STORY;
const luck = chance(seed);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
/** Eight parts of a move, so that there is a middle to be killed in. */
const LARGE = 41_000_000;

let running;
const stopping = (it) => { running.push(it); return it; };

const tus = { 'tus-resumable': '1.0.0' };
/** Where a new upload of this many bytes goes. */
async function begin(person, length, name) {
  const headers = { ...tus, 'upload-length': String(length), 'upload-metadata': `filename ${Buffer.from(name).toString('base64')}` };
  return (await person.ask('/api/v1/uploads', { method: 'POST', headers, ok: [201] })).location;
}

/** All bytes in one request; whatever comes of it. */
async function send(person, place, path) {
  const headers = { ...tus, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' };
  const body = Buffer.from(await (await openAsBlob(path)).arrayBuffer());
  return person.ask(place, { method: 'PATCH', headers, body, ok: [204] });
}

/** Waits until an upload is a file of the library; gives its id. */
async function finished(person, place, seconds = 60) {
  for (const deadline = Date.now() + seconds * 1000; ; await pause(100)) {
    const answer = await person.ask(place, { method: 'HEAD', headers: tus, ok: [200, 204] }).catch((error) => ({ error }));
    const media = answer.headers?.get('moloko-media');
    if (media) return media;
    if (Date.now() > deadline) throw new Error(`the upload is not finished: ${answer.error ?? answer.headers?.get('upload-offset')}`);
  }
}

/** A command of the operator with these settings: what it said and its exit code. Programs that a killed service had begun may hold its folder a moment longer. */
async function command(data, settings, ...args) {
  for (let tries = 1; ; tries += 1) {
    const program = new Program([...args, '--data', data], settings);
    const { code } = await program.ended;
    const said = program.output + program.errors;
    if (tries === 50 || !said.includes('is in use by another moloko process')) return { code, said };
    await pause(200);
  }
}

const here = (data, kind) => { try { return readdirSync(join(data, 'blobs', kind)).filter((name) => !name.startsWith('.')); } catch { return []; } };

async function postNow(simulator, person, media, caption, hash) {
  const draft = await person.draft(media);
  const post = { id: draft.id, caption, person, sha256: hash, notBefore: Date.now() };
  await person.press(draft, caption);
  await outOnce(simulator, [post]);
  return post;
}

const stories = {
  async 'killed while a file is on its way to the storage'() {
    const storage = stopping(await Storage.start());
    const pair = stopping(await Pair.start('bucket', storage.settings));
    await pair.simulator.ask('POST', 'users', { username: 'mila', nickname: 'Mila', daily_post_cap: 1_000 });
    const person = await new HttpPerson(pair.url).signIn('mila');
    const path = grow(mp4(folder('bucket-file'), 'large.mp4', 2), LARGE);
    const hash = sha256(path);
    const [posts, seen] = [[], { 'parts at the kill': 0, 'whole at the kill': 0 }];
    for (let round = 1; round <= rounds; round += 1) {
      const known = storage.whole().size;
      const place = await begin(person, LARGE, `round-${round}.mp4`);
      const sending = send(person, place, path).catch(() => {});
      // From the first part there on, at any moment until it was read back.
      for (const deadline = Date.now() + 60_000; storage.parts().length === 0; await pause(2)) {
        if (Date.now() > deadline) throw new Error('no part came to the storage');
      }
      await pause(luck.next() * 700);
      await pair.service.kill();
      await sending;
      seen['parts at the kill'] += storage.parts().length > 0 ? 1 : 0;
      seen['whole at the kill'] += storage.whole().size > known ? 1 : 0;
      await pair.power();
      const media = await finished(person, place);
      posts.push(await postNow(pair.simulator, person, media, `moved ${round}`, hash));
      const there = storage.whole();
      assert.equal(there.size, round, 'every upload once');
      assert.ok([...there.values()].every((one) => one === hash), 'with its own bytes');
      assert.deepEqual(storage.parts(), [], 'no half file stays there');
      assert.deepEqual([here(pair.data, 'whole'), here(pair.data, 'partial')], [[], []], 'none stays here');
    }
    const verified = await command(pair.data, pair.settings, 'blobs', 'verify');
    assert.equal(verified.code, 0, verified.said);
    assert.match(verified.said, /0 missing, 0 corrupt, 0 unreadable, 0 of nobody/);
    assert.equal((await ledger(pair.simulator, posts)).size, rounds);
    return `${rounds} kills, ${JSON.stringify(seen)}, ${posts.length} posts out once; ${verified.said.trim().split('\n').pop()}`;
  },

  async 'moved there and back by commands, bound and killed'() {
    const storage = stopping(await Storage.start());
    const pair = stopping(await Pair.start('moves'));
    const crew = await crowd(pair.simulator, [pair.url], 3);
    await pair.service.stop();
    const files = here(pair.data, 'whole').sort();
    assert.equal(files.length, 6);
    const settings = { ...pair.settings, ...storage.settings };

    const nowhere = await command(pair.data, pair.settings, 'blobs', 'move', '--to', 'bucket');
    assert.deepEqual([nowhere.code === 0, /MOLOKO_BLOBS names no storage/.test(nowhere.said)], [false, true], nowhere.said);
    const killed = new Program(['blobs', 'move', '--to', 'bucket', '--data', pair.data], settings);
    for (const deadline = Date.now() + 60_000; storage.whole().size + storage.parts().length < 3 && killed.child.exitCode === null; await pause(2)) {
      if (Date.now() > deadline) throw new Error('the command moves nothing');
    }
    await killed.kill();
    const [gone, left] = [storage.whole().size, here(pair.data, 'whole').length];
    const again = await command(pair.data, settings, 'blobs', 'move', '--to', 'bucket');
    assert.equal(again.code, 0, again.said);
    assert.match(again.said, /files moved/);
    assert.deepEqual([[...storage.whole().keys()].sort(), storage.parts(), here(pair.data, 'whole')], [files, [], []]);

    pair.settings = settings;
    await pair.power();
    const posts = [];
    const post = async (person, label, kind = 'large') => posts.push(await postNow(pair.simulator, person, person.media[kind], `${label} ${person.username}`, material()[kind].sha256));
    for (const person of crew) await post(person, 'from the storage');
    await pair.service.stop();

    // Another instance must not take files that belong to this one, unless its operator says that they are the same.
    const other = folder('other-instance');
    const theirs = new Program(['serve', '--listen', '127.0.0.1:0', '--data', other], { ...settings, MOLOKO_BLOBS: 'disk' });
    await theirs.until((it) => / ready address=/.test(it.output + it.errors), 'an instance of its own');
    await theirs.stop();
    const stranger = await command(other, settings, 'blobs', 'verify', '--repair');
    assert.notEqual(stranger.code, 0, stranger.said);
    assert.equal(storage.whole().size, files.length, 'nothing was removed');
    const owner = storage.owner();
    const bound = await command(other, settings, 'blobs', 'bind');
    assert.equal(bound.code, 0, bound.said);
    assert.match(bound.said, /belongs to this database now/);
    assert.notEqual(storage.owner(), owner);
    const refused = await command(pair.data, settings, 'serve', '--listen', '127.0.0.1:0');
    assert.notEqual(refused.code, 0, 'whose storage was taken does not start');
    const back = await command(pair.data, settings, 'blobs', 'bind');
    assert.equal(back.code, 0, back.said);
    assert.equal(storage.owner(), owner);

    const home = await command(pair.data, settings, 'blobs', 'move', '--to', 'disk');
    assert.equal(home.code, 0, home.said);
    assert.match(home.said, /now set MOLOKO_BLOBS=disk/);
    assert.deepEqual([storage.whole().size, here(pair.data, 'whole').sort()], [0, files]);
    pair.settings = { ...pair.settings, MOLOKO_BLOBS: 'disk' };
    await pair.power();
    for (const person of crew) await post(person, 'from the folder again', 'small');
    assert.equal((await ledger(pair.simulator, posts)).size, posts.length);
    return `${files.length} files there and back, killed with ${gone} there and ${left} here; ${posts.length} posts out once`;
  },

  async 'two nodes, one storage, and one of them dies'() {
    const storage = stopping(await Storage.start());
    const nodes = stopping(await Nodes.start('bucket', 2, storage.settings, { apart: true }));
    const [one, other] = nodes.list;
    const crew = await crowd(nodes.simulator, [one.url, other.url], 4);
    assert.equal(storage.whole().size, 8, 'every finished file is there');
    for (const node of nodes.list) assert.deepEqual(here(node.data, 'whole'), []);
    const posts = [];
    await nodes.simulator.fault({ route: 'upload_final_chunk', action: { latency: 2_000 }, times: 8 });
    for (const person of crew) {
      for (const kind of ['small', 'large']) {
        const draft = await person.draft(person.media[kind]);
        posts.push({ id: draft.id, caption: `shared ${person.username} ${kind}`, person, sha256: material()[kind].sha256, notBefore: Date.now() });
        await person.press(draft, posts.at(-1).caption);
      }
    }
    await one.service.kill();
    for (const person of crew) person.url = other.url;
    await nodes.simulator.clearFaults();
    await outOnce(nodes.simulator, posts, { seconds: 150 });
    await one.power();
    const fresh = await crew[0].upload(material().small.path);
    crew[0].url = one.url;
    posts.push(await postNow(nodes.simulator, crew[0], fresh, 'came in there, left from here', material().small.sha256));
    assert.equal((await ledger(nodes.simulator, posts)).size, posts.length);
    assert.deepEqual([storage.whole().size, storage.parts()], [9, []]);
    return `${posts.length} posts out once, ${storage.whole().size} files at the storage`;
  },
};

for (const [name, tell] of Object.entries(stories)) {
  if (only && !name.includes(only)) continue;
  running = [];
  const began = Date.now();
  try {
    console.log(`bucket, ${name}: ${await tell()} (${Math.round((Date.now() - began) / 1000)} s)`);
  } catch (error) {
    console.error(`bucket, ${name}, SEED=${seed}`, error);
    for (const it of running) for (const node of it.list ?? [it]) console.error(node.service?.errors?.slice(-4000), node.service?.output?.slice(-4000), node.program?.errors?.slice(-2000));
    process.exitCode = 1;
  } finally {
    for (const it of running.reverse()) await it.stop();
  }
}
if (!only || 'two nodes'.includes(only)) postgres('stop');
