// Backups are made beside the running service and put back; both are killed again and again in the middle. What has the name of a backup can be put
// back, what was put back is equal to what there was, and whoever was erased after the backup does not come back with it.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { canary, marked } from '../lib/canary.mjs';
import { material } from '../lib/crowd.mjs';
import { HttpPerson } from '../lib/http_person.mjs';
import { chance, sha256 } from '../lib/judge.mjs';
import { Pair } from '../lib/pair.mjs';
import { folder, Program } from '../lib/programs.mjs';
import { traces } from '../lib/traces.mjs';

let pair;
afterEach(async () => { await pair?.stop(); pair = undefined; });

/** A command of the operator on a data folder: what it said and its exit code. */
async function command(data, ...args) {
  const program = new Program([...args, '--data', data], pair.settings);
  const { code } = await program.ended;
  return { code, said: program.output + program.errors };
}

async function well(...args) {
  const { code, said } = await command(...args);
  assert.equal(code, 0, `moloko ${args.slice(1).join(' ')}: ${said}`);
  return said;
}

const copies = (place) => readdirSync(place).filter((name) => /^\d{4}-/.test(name)).sort();

/** Every file below a folder, by its path in it, with the hash of its bytes. */
const files = (place) => Object.fromEntries(readdirSync(place, { recursive: true }).sort()
  .filter((name) => statSync(join(place, name)).isFile()).map((name) => [name, sha256(join(place, name))]));

/** Where a text is in a data folder, or in a folder of backups. */
const hits = (place, text) => traces(pair, place, [text]);

/** How long something takes, milliseconds. */
async function took(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Runs a command and kills it after so many milliseconds; whether it was still running then. */
async function killed(after, data, ...args) {
  const program = new Program([...args, '--data', data], pair.settings);
  await new Promise((next) => setTimeout(next, after));
  const { signal } = await program.kill();
  return signal === 'SIGKILL';
}

async function somebody(name, film, posts) {
  await pair.simulator.ask('POST', 'users', { username: name, nickname: `Nickname ${name}`, daily_post_cap: 1_000 });
  const person = await new HttpPerson(pair.url).signIn(name);
  const media = await person.upload(film);
  for (let n = 1; n <= posts; n += 1) await person.press(await person.draft(media), `${name} ${n}`, 'schedule', Date.now() + 3_600_000);
  return person;
}

/** A new data folder that has the instance key alone, as on another machine. */
function elsewhere(key) {
  const data = folder('restored');
  writeFileSync(join(data, 'instance.key'), key, { mode: 0o400 });
  return data;
}

test('pp_6_6 backups and restores are killed again and again: each is whole or not there, and what is put back is equal', { timeout: 300_000 }, async () => {
  const luck = chance(Number(process.env.SEED ?? 21));
  pair = await Pair.start('backup');
  const place = join(folder('backups'), 'daily');
  const mila = await somebody('mila.backup', material().large.path, 20);
  const key = readFileSync(join(pair.data, 'instance.key'));
  await well(pair.data, 'backup', '--to', place);
  await mila.upload(marked(material().large.path, 'film'));
  const usual = await took(() => well(pair.data, 'backup', '--to', place));

  let kills = 0;
  for (let n = 0; n < 12; n += 1) {
    // Something new each time, so that there is something to copy.
    await mila.upload(marked(material().large.path, `film-${n}`));
    const before = copies(place);
    kills += await killed(usual * (n + luck.next()) / 12, pair.data, 'backup', '--to', place);
    const said = JSON.parse((await well(pair.data, 'backup', 'verify', '--json', '--from', place)).trim().split('\n').at(-1));
    assert.deepEqual(said.good, copies(place), 'what has a name is whole');
    assert.ok(copies(place).length >= before.length);
  }
  const writing = mila.press(await mila.draft(await mila.upload(material().small.path)), 'mila.backup meanwhile', 'schedule', Date.now() + 3_600_000);
  await well(pair.data, 'backup', '--to', place);
  await writing;
  await well(pair.data, 'backup', 'verify', '--from', place);
  assert.deepEqual(await hits(place, key.toString().trim().split(':')[1].slice(0, 16)), [], 'the instance key is in no backup');
  assert.equal(existsSync(join(place, 'unfinished')), false);
  const second = await command(pair.data, 'backup', '--to', pair.data);
  assert.match(second.said, /is in the data folder/);

  await pair.service.stop();
  await well(pair.data, 'backup', '--to', place);
  const there = files(join(pair.data, 'blobs'));
  const bare = folder('bare');
  assert.match((await command(bare, 'restore', '--from', place)).said, /the instance key is not there/);
  const whole = await took(() => well(elsewhere(key), 'restore', '--from', place));
  const back = elsewhere(key);
  let broken = 0;
  for (let n = 0; n < 8; n += 1) {
    broken += await killed(whole * (n + luck.next()) / 8, back, 'restore', '--from', place);
    if (existsSync(join(back, 'restoring'))) {
      assert.match((await command(back, 'serve', '--listen', '127.0.0.1:0')).said, /was broken off, so what is there is not whole/);
    }
  }
  const replaced = existsSync(join(back, 'moloko.db')) && !existsSync(join(back, 'restoring')) ? ['--replace'] : [];
  await well(back, 'restore', '--from', place, ...replaced);
  assert.match((await command(back, 'restore', '--from', place)).said, /there is a database already/);
  assert.deepEqual(files(join(back, 'blobs')), there, 'every file is as it was');
  await well(back, 'audit', 'verify');
  assert.match(await well(back, 'audit', 'show', '--action', 'backup'), /backup\.restore[^]*backup\.make/, 'the record goes on');

  pair.data = back;
  await pair.power();
  // Killed with commits in its log alone; then a restore into the same place is killed, and given up.
  await mila.signIn('mila.backup');
  await pair.service.kill();
  const database = () => ['moloko.db', 'moloko.db-wal'].map((name) => existsSync(join(back, name)) && sha256(join(back, name)));
  let had;
  for (let n = 1; !existsSync(join(back, 'restoring')); n += 1) {
    assert.ok(n < 40, 'it was never killed in the middle');
    had = database();
    await killed(whole * luck.next(), back, 'restore', '--from', place, '--replace');
  }
  assert.match(await well(back, 'restore', '--give-up'), /the database of before is in its place/);
  assert.deepEqual(database(), had, 'with every commit');
  assert.match((await command(back, 'restore', '--give-up')).said, /no restore into .* was broken off/);
  await pair.power();
  await mila.signIn('mila.backup');
  const page = (await mila.ask('/queue')).text;
  for (let n = 1; n <= 20; n += 1) assert.ok(page.includes(`mila.backup ${n}`), `post ${n} is back`);
  console.log(`backups killed ${kills} of 12 times, restores ${broken} of 8; they take ${Math.round(usual)} and ${Math.round(whole)} ms`);
  assert.ok(kills >= 4 && broken >= 2, 'some were in the middle of it');

  // A byte that changed on the disk is found, and that copy is not put back.
  const newest = join(place, copies(place).at(-1), 'moloko.db');
  const bytes = readFileSync(newest);
  bytes[bytes.length >> 1] ^= 1;
  chmodSync(newest, 0o600);
  writeFileSync(newest, bytes);
  assert.match((await command(pair.data, 'backup', 'verify', '--from', place)).said, /the database is not as it was written/);
  assert.match((await command(elsewhere(key), 'restore', '--from', place)).said, /is not what was written into it/);
});

test('pp_6_6 pp_6_5 whoever was erased after a backup is erased again before anything is served from it', { timeout: 300_000 }, async () => {
  pair = await Pair.start('backup-erasure', { MOLOKO_ERASURE_GRACE_DAYS: '0' });
  const place = folder('backups-erasure');
  const { person: leaver, texts, all } = await canary(pair, 'canaryhandle33', material().small.path);
  const stayer = await somebody('stayinghandle3', material().small.path, 2);
  const left = texts.publish_id;
  await well(pair.data, 'backup', '--to', place);
  const [first] = copies(place);
  assert.ok((await hits(place, left)).length > 0 && (await hits(place, texts.bytes)).length > 0, 'what is looked for can be found');

  const { location } = await leaver.form('/settings/leave', []);
  const receipt = async () => (await fetch(`${pair.url}${location}/receipt.json`)).json();
  await pair.simulator.until('the end of the erasure', async () => (await receipt()).state === 'done', 120);
  await well(pair.data, 'backup', '--to', place, '--marks-only');
  const key = readFileSync(join(pair.data, 'instance.key'));
  await pair.service.stop();

  // The machine is lost: key from its own place, the rest from the backup.
  const back = elsewhere(key);
  await well(back, 'restore', '--from', place, '--name', first);
  assert.ok((await hits(back, left)).length > 0, 'it is an old database');
  const [link] = (await well(back, 'operator', 'link', '--name', 'Ann')).split('\n');
  pair.data = back;
  await pair.power();
  assert.deepEqual(await traces(pair, back, all), [], 'at the first answer');
  const wrong = link.replace(/.{8}$/, 'AAAAAAAA');
  const answers = await Promise.all([link, wrong].map(async (url) => (await fetch(url)).status));
  assert.deepEqual(answers, [200, 404], 'a link that was made before the start counts');
  await stayer.signIn('stayinghandle3');
  assert.ok((await stayer.ask('/queue')).text.includes('stayinghandle3 1'), 'somebody else is there');

  // Copies of before go with their days; then nothing of the person is anywhere.
  await well(back, 'backup', '--to', place, '--keep-days', '0');
  assert.deepEqual(copies(place), []);
  await well(back, 'backup', '--to', place);
  assert.deepEqual(await traces(pair, place, all), [], 'in the backups');
});
