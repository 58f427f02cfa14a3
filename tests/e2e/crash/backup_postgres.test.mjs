// Backups of a PostgreSQL database and restores into one are killed again and again: what has the name of a backup is whole, a restore happened or did not,
// and neither pg_dump nor psql outlives the command. Nothing is put back under a node that works, and a node under which it happened nevertheless ends.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { command, copies, database, elsewhere, killed, quiet, somebody, took, well } from '../lib/backups.mjs';
import { marked } from '../lib/canary.mjs';
import { material } from '../lib/crowd.mjs';
import { chance } from '../lib/judge.mjs';
import { letGo, postgres, sql } from '../lib/nodes.mjs';
import { Pair } from '../lib/pair.mjs';
import { folder } from '../lib/programs.mjs';

const kills = 8, seed = Number(process.env.SEED ?? 21);
const luck = chance(seed);

let pair;
after(async () => {
  await pair?.stop();
  letGo();
});

const there = (url) => sql(url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") !== '0';
/** What is in the tables that tell most, in one text. */
const content = (url) => ['person', 'connection', 'connection_token', 'media', 'post', 'consent', 'attempt', 'person_key']
  .map((table) => sql(url, `SELECT '${table}', count(*), md5(string_agg(CAST(it AS text), ',' ORDER BY CAST(it AS text))) FROM ${table} it`)).join('\n');

test('pp_6_6 PostgreSQL: backups and restores are killed again and again', { timeout: 400_000 }, async () => {
  postgres('start');
  const server = postgres('url');
  const [first, second] = [database(server, 'backup_first'), database(server, 'backup_second')];
  pair = await Pair.start('backup-pg', { MOLOKO_DATABASE_URL: first });
  const place = join(folder('backups-pg'), 'daily');
  const mila = await somebody(pair, 'mila.dumped', material().large.path, 20);
  const key = readFileSync(join(pair.data, 'instance.key'));
  await well(pair, pair.data, {}, 'backup', '--to', place);
  await mila.upload(marked(material().large.path, 'film'));
  const usual = await took(() => well(pair, pair.data, {}, 'backup', '--to', place));

  let broken = 0;
  for (let n = 0; n < kills; n += 1) {
    await mila.upload(marked(material().large.path, `film-${n}`));
    broken += await killed(usual * (n + luck.next()) / kills, pair, pair.data, {}, 'backup', '--to', place);
    const said = JSON.parse((await well(pair, pair.data, {}, 'backup', 'verify', '--json', '--from', place)).trim().split('\n').at(-1));
    assert.deepEqual(said.good, copies(place), 'what has a name is whole');
  }
  await well(pair, pair.data, {}, 'backup', '--to', place);
  assert.equal(existsSync(join(place, 'unfinished')), false);

  // Another machine cannot see this one's folder, but the database knows who works with it.
  const back = elsewhere(key);
  const refused = await command(pair, back, {}, 'restore', '--from', place, '--replace');
  assert.notEqual(refused.code, 0);
  assert.match(refused.said, /the service is at work with this database: \w+ \(version [^)]+, heard \d+ s ago\)\. Stop every node first/);
  assert.equal(existsSync(join(back, 'restoring')), false);

  await pair.service.stop();
  await well(pair, pair.data, {}, 'backup', '--to', place);
  const before = content(first);
  const into = { MOLOKO_DATABASE_URL: second };
  const whole = await took(() => well(pair, elsewhere(key), { MOLOKO_DATABASE_URL: database(server, 'backup_timed') }, 'restore', '--from', place));
  let [stopped, done] = [0, 0];
  for (let n = 0; n < kills; n += 1) {
    // From the second time on there is one to be replaced.
    const replace = there(second) ? ['--replace'] : [];
    stopped += await killed(whole * (n + luck.next()) / kills, pair, back, into, 'restore', '--from', place, ...replace);
    await quiet(server, second);
    done += there(second);
    if (there(second)) assert.equal(content(second), before, 'all of it or nothing');
    if (existsSync(join(back, 'restoring'))) {
      assert.match((await command(pair, back, into, 'serve', '--listen', '127.0.0.1:0')).said, /was broken off, so what is there is not whole/);
    }
  }
  const replace = there(second) ? ['--replace'] : [];
  await well(pair, back, into, 'restore', '--from', place, ...replace);
  assert.equal(content(second), before);
  await well(pair, back, into, 'audit', 'verify');

  [pair.data, pair.settings] = [back, { ...pair.settings, ...into }];
  await pair.power();
  assert.equal((await mila.ask('/queue')).location?.startsWith('/queue') ?? false, false, 'nobody is signed in by a copy');
  await mila.signIn('mila.dumped');
  const page = (await mila.ask('/queue')).text;
  for (let n = 1; n <= 20; n += 1) assert.ok(page.includes(`mila.dumped ${n}`), `post ${n} is back`);

  // Before an upgrade: a database that lacks the last step is copied as it is, and brought to this version when it is put back.
  await pair.service.stop();
  sql(second, 'DROP TABLE draft_state; DELETE FROM _sqlx_migrations WHERE version = 27');
  assert.match((await command(pair, back, {}, 'audit', 'verify')).said, /is not at this version; make a backup with moloko backup, then run moloko migrate/);
  assert.match(await well(pair, back, {}, 'backup', '--to', place), /the database is \d steps? behind this version/);
  await well(pair, back, {}, 'restore', '--from', place, '--replace');
  await pair.power();
  await mila.signIn('mila.dumped');
  assert.ok((await mila.ask('/queue')).text.includes('mila.dumped 20'));

  // Somebody puts a copy back by hand, under the running service.
  sql(second, "INSERT INTO meta (key, value) VALUES ('restored', 'by hand')");
  const late = new Promise((next) => setTimeout(() => next({ code: 'it still runs' }), 60_000).unref());
  const { code } = await Promise.race([pair.service.ended, late]);
  assert.equal(code, 1);
  assert.match(pair.service.output + pair.service.errors, /a copy of the database was put back while this process was at work with it/);
  await pair.power();
  assert.notEqual((await mila.ask('/queue')).status, 200, 'and then, too');
  console.log(`SEED=${seed}: backups killed ${broken} of ${kills} times, restores ${stopped} (a database was there after ${done}); they take ${Math.round(usual)} and ${Math.round(whole)} ms`);
  assert.ok(broken >= kills / 3 && stopped >= kills / 3, 'some were in the middle of it');
});
