// Backups of a PostgreSQL database and restores into one are killed again and again: what has the name of a backup is whole, a restore happened or did not,
// and neither pg_dump nor psql outlives the command. Nothing is put back under a node that works, and a node under which it happened nevertheless ends.
// With files at a storage whoever was erased since stays erased. Part of `make reliability`; KILLS and SEED repeat it.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import { canary, marked } from '../lib/canary.mjs';
import { material } from '../lib/crowd.mjs';
import { HttpPerson } from '../lib/http_person.mjs';
import { chance } from '../lib/judge.mjs';
import { postgres, sql } from '../lib/nodes.mjs';
import { Pair } from '../lib/pair.mjs';
import { folder, Program } from '../lib/programs.mjs';
import { Storage } from '../lib/storage.mjs';
import { traces } from '../lib/traces.mjs';

const kills = Number(process.env.KILLS ?? 8), seed = Number(process.env.SEED ?? 21);
const luck = chance(seed);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

postgres('start');
const server = postgres('url');
let pair, storage;
afterEach(async () => {
  await pair?.stop();
  await storage?.stop();
  [pair, storage] = [];
});
after(() => postgres('stop'));

function database(name) {
  sql(server, `CREATE DATABASE ${name}`);
  return server.replace(/\/postgres$/, `/${name}`);
}

async function command(data, settings, ...args) {
  const program = new Program([...args, '--data', data], { ...pair.settings, ...settings });
  const { code } = await program.ended;
  return { code, said: program.output + program.errors };
}

async function well(data, settings, ...args) {
  const { code, said } = await command(data, settings, ...args);
  assert.equal(code, 0, `moloko ${args.join(' ')}: ${said}`);
  return said;
}

async function took(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Runs a command and kills it after so many milliseconds; whether it was still running then. */
async function killed(ms, data, settings, ...args) {
  const program = new Program([...args, '--data', data], { ...pair.settings, ...settings });
  await pause(ms);
  return (await program.kill()).signal === 'SIGKILL';
}

/** Waits until nobody but us is connected to a database. */
async function quiet(url) {
  const name = url.split('/').pop();
  const others = () => sql(server, `SELECT string_agg(application_name, ' ') FROM pg_stat_activity WHERE datname = '${name}' AND pid <> pg_backend_pid()`);
  for (const deadline = Date.now() + 20_000; others() !== ''; await pause(20)) {
    assert.ok(Date.now() < deadline, `still connected: ${others()}`);
  }
}

const copies = (place) => readdirSync(place).filter((name) => /^\d{4}-/.test(name)).sort();
const there = (url) => sql(url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") !== '0';
/** What is in the tables that tell most, in one text. */
const content = (url) => ['person', 'connection', 'connection_token', 'media', 'post', 'consent', 'attempt', 'person_key']
  .map((table) => sql(url, `SELECT '${table}', count(*), md5(string_agg(CAST(it AS text), ',' ORDER BY CAST(it AS text))) FROM ${table} it`)).join('\n');

async function somebody(name, film, posts) {
  await pair.simulator.ask('POST', 'users', { username: name, nickname: `Nickname ${name}`, daily_post_cap: 1_000 });
  const person = await new HttpPerson(pair.url).signIn(name);
  const media = await person.upload(film);
  for (let n = 1; n <= posts; n += 1) await person.press(await person.draft(media), `${name} ${n}`, 'schedule', Date.now() + 3_600_000);
  return person;
}

/** A new data folder that has the instance key alone, as on another machine. */
function elsewhere(key) {
  const data = folder('restored-pg');
  writeFileSync(join(data, 'instance.key'), key, { mode: 0o400 });
  return data;
}

test('pp_6_6 PostgreSQL: backups and restores are killed again and again', { timeout: 400_000 }, async () => {
  const [first, second] = [database('backup_first'), database('backup_second')];
  pair = await Pair.start('backup-pg', { MOLOKO_DATABASE_URL: first });
  const place = join(folder('backups-pg'), 'daily');
  const mila = await somebody('mila.dumped', material().large.path, 20);
  const key = readFileSync(join(pair.data, 'instance.key'));
  await well(pair.data, {}, 'backup', '--to', place);
  await mila.upload(marked(material().large.path, 'film'));
  const usual = await took(() => well(pair.data, {}, 'backup', '--to', place));

  let broken = 0;
  for (let n = 0; n < kills; n += 1) {
    await mila.upload(marked(material().large.path, `film-${n}`));
    broken += await killed(usual * (n + luck.next()) / kills, pair.data, {}, 'backup', '--to', place);
    const said = JSON.parse((await well(pair.data, {}, 'backup', 'verify', '--json', '--from', place)).trim().split('\n').at(-1));
    assert.deepEqual(said.good, copies(place), 'what has a name is whole');
  }
  await well(pair.data, {}, 'backup', '--to', place);
  assert.equal(existsSync(join(place, 'unfinished')), false);

  // Another machine cannot see this one's folder, but the database knows who works with it.
  const back = elsewhere(key);
  const refused = await command(back, {}, 'restore', '--from', place, '--replace');
  assert.notEqual(refused.code, 0);
  assert.match(refused.said, /the service is at work with this database: \w+ \(version [^)]+, heard \d+ s ago\)\. Stop every node first/);
  assert.equal(existsSync(join(back, 'restoring')), false);

  await pair.service.stop();
  await well(pair.data, {}, 'backup', '--to', place);
  const before = content(first);
  const into = { MOLOKO_DATABASE_URL: second };
  const whole = await took(() => well(elsewhere(key), { MOLOKO_DATABASE_URL: database('backup_timed') }, 'restore', '--from', place));
  let [stopped, done] = [0, 0];
  for (let n = 0; n < kills; n += 1) {
    // From the second time on there is one to be replaced.
    const replace = there(second) && !existsSync(join(back, 'restoring')) ? ['--replace'] : [];
    stopped += await killed(whole * (n + luck.next()) / kills, back, into, 'restore', '--from', place, ...replace);
    await quiet(second);
    done += there(second);
    if (there(second)) assert.equal(content(second), before, 'all of it or nothing');
    if (existsSync(join(back, 'restoring'))) {
      assert.match((await command(back, into, 'serve', '--listen', '127.0.0.1:0')).said, /was broken off, so what is there is not whole/);
    }
  }
  const replace = there(second) && !existsSync(join(back, 'restoring')) ? ['--replace'] : [];
  await well(back, into, 'restore', '--from', place, ...replace);
  assert.equal(content(second), before);
  await well(back, into, 'audit', 'verify');

  [pair.data, pair.settings] = [back, { ...pair.settings, ...into }];
  await pair.power();
  assert.equal((await mila.ask('/queue')).location?.startsWith('/queue') ?? false, false, 'nobody is signed in by a copy');
  await mila.signIn('mila.dumped');
  const page = (await mila.ask('/queue')).text;
  for (let n = 1; n <= 20; n += 1) assert.ok(page.includes(`mila.dumped ${n}`), `post ${n} is back`);

  // Before an upgrade: a database that lacks the last step is copied as it is, and brought to this version when it is put back.
  await pair.service.stop();
  sql(second, 'DROP TABLE draft_state; DELETE FROM _sqlx_migrations WHERE version = 27');
  assert.match((await command(back, {}, 'audit', 'verify')).said, /is not at this version; make a backup with moloko backup, then run moloko migrate/);
  assert.match(await well(back, {}, 'backup', '--to', place), /the database is \d steps? behind this version/);
  await well(back, {}, 'restore', '--from', place, '--replace');
  await pair.power();
  await mila.signIn('mila.dumped');
  assert.ok((await mila.ask('/queue')).text.includes('mila.dumped 20'));

  // Somebody puts a copy back by hand, under the running service.
  sql(second, "INSERT INTO meta (key, value) VALUES ('restored', 'by hand')");
  const { code } = await Promise.race([pair.service.ended, pause(60_000).then(() => ({ code: 'it still runs' }))]);
  assert.equal(code, 1);
  assert.match(pair.service.output + pair.service.errors, /a copy of the database was put back while this process was at work with it/);
  await pair.power();
  assert.notEqual((await mila.ask('/queue')).status, 200, 'and then, too');
  console.log(`SEED=${seed}: backups killed ${broken} of ${kills} times, restores ${stopped} (a database was there after ${done}); they take ${Math.round(usual)} and ${Math.round(whole)} ms`);
  assert.ok(broken >= kills / 3 && stopped >= kills / 3, 'some were in the middle of it');
});

test('pp_6_6 pp_6_5 with files at a storage whoever was erased after a backup stays erased', { timeout: 300_000 }, async () => {
  storage = await Storage.start();
  pair = await Pair.start('backup-bucket', { MOLOKO_DATABASE_URL: database('backup_bucket'), MOLOKO_ERASURE_GRACE_DAYS: '0', ...storage.settings });
  const place = folder('backups-bucket');
  const { person: leaver, texts, all } = await canary(pair, 'canaryhandle44', material().small.path);
  const stayer = await somebody('stayinghandle4', material().small.path, 2);
  assert.match(await well(pair.data, {}, 'backup', '--to', place), /2 files lie at .* and are not in it/);
  const [first] = copies(place);
  assert.equal(storage.whole().size, 2);

  const { location } = await leaver.form('/settings/leave', []);
  const receipt = async () => (await fetch(`${pair.url}${location}/receipt.json`)).json();
  await pair.simulator.until('the end of the erasure', async () => (await receipt()).state === 'done', 120);
  await well(pair.data, {}, 'backup', '--to', place, '--marks-only');
  const key = readFileSync(join(pair.data, 'instance.key'));
  await pair.service.stop();
  assert.equal(storage.whole().size, 1);

  // Machine and database are lost; the storage is not.
  const [back, into] = [elsewhere(key), { MOLOKO_DATABASE_URL: database('backup_bucket_again') }];
  await well(back, into, 'restore', '--from', place, '--name', first);
  [pair.data, pair.settings] = [back, { ...pair.settings, ...into }];
  assert.ok((await traces(pair, back, [texts.publish_id])).length > 0, 'it is an old database');
  await pair.power();
  assert.deepEqual(await traces(pair, back, all), [], 'at the first answer');
  await stayer.signIn('stayinghandle4');
  assert.ok((await stayer.ask('/queue')).text.includes('stayinghandle4 1'), 'somebody else is there');
  assert.equal(storage.whole().size, 1);
  assert.match(await well(back, {}, 'blobs', 'verify'), /0 missing, 0 corrupt/);
});
