// The instance key is changed while people sign in and posts go out; command and service are killed in the middle of it. In the end the
// old version is gone, everything can be read, and an older copy of the database is refused in plain words.
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { material } from '../lib/crowd.mjs';
import { HttpPerson } from '../lib/http_person.mjs';
import { chance } from '../lib/judge.mjs';
import { Pair } from '../lib/pair.mjs';
import { folder, Program } from '../lib/programs.mjs';

let pair;
afterEach(async () => { await pair?.stop(); pair = undefined; });

const begun = (...args) => new Program([...args, '--data', pair.data], pair.settings);

/** A command of the operator: what it said and its exit code. */
async function command(...args) {
  const program = begun(...args);
  const { code } = await program.ended;
  return { code, said: program.output + program.errors };
}

async function somebody(name) {
  await pair.simulator.ask('POST', 'users', { username: name, nickname: name, daily_post_cap: 1_000 });
  const person = await new HttpPerson(pair.url).signIn(name);
  return { person, media: await person.upload(material().small.path) };
}

async function postNow({ person, media }, caption) {
  await person.press(await person.draft(media), caption);
  await pair.simulator.until(caption, async (sim) => (await sim.posts()).some((post) => post.caption === caption), 60);
}

test('pp_5_2 the instance key is changed under load, and the old version is worth nothing afterwards', { timeout: 300_000 }, async () => {
  const luck = chance(Number(process.env.SEED ?? 5));
  pair = await Pair.start('keys');
  const key = join(pair.data, 'instance.key');
  const mila = await somebody('mila.keys');
  await postNow(mila, 'under the first version');
  assert.equal((await command('key', 'retire', '1')).code, 1, 'the version that seals stays');

  await pair.service.stop();
  const older = folder('older');
  copyFileSync(join(pair.data, 'moloko.db'), join(older, 'moloko.db'));
  const first = readFileSync(key, 'utf8');
  await pair.power();

  assert.equal((await command('key', 'add')).code, 0);
  assert.match((await command('key', 'add')).said, /seals nothing yet; run `moloko key rotate`/);
  assert.equal(statSync(key).mode & 0o777, 0o400);
  assert.ok(readFileSync(key, 'utf8').startsWith(first.trimEnd()), 'the old line is as it was');
  for (let n = 0; n < 3; n += 1) {
    const killed = begun('key', 'rotate');
    await new Promise((next) => setTimeout(next, luck.next() * 150));
    await killed.kill();
  }
  const rotation = begun('key', 'rotate');
  const oleg = await somebody('oleg.keys');
  await Promise.all([postNow(mila, 'mila meanwhile'), postNow(oleg, 'oleg meanwhile')]);
  await pair.service.kill();
  await pair.power();
  await postNow(mila, 'after a power cut');
  const { code } = await rotation.ended;
  assert.equal(code, 0, rotation.output + rotation.errors);
  assert.match(rotation.output, /nothing is sealed under another version than 2 any more/);
  assert.match((await command('key', 'retire', '1')).said, /may still be in use; try again at/);

  let retired;
  await pair.simulator.until('the end of the old version', async () => {
    retired = await command('key', 'retire', '1');
    if (retired.code !== 0) await new Promise((next) => setTimeout(next, 3_000));
    return retired.code === 0;
  }, 120);
  assert.match(readFileSync(key, 'utf8'), /^moloko-key-v2:[^\n]+\n$/);
  assert.doesNotMatch((await command('key', 'status')).said, /version 1/);
  await Promise.all([postNow(mila, 'under the second version'), postNow(oleg, 'oleg, too')]);
  await pair.service.stop();
  await pair.power();
  await postNow(mila, 'after a restart');
  assert.deepEqual(await (await fetch(`${pair.url}/healthz`)).json(), { status: 'ok' }, 'nobody was alarmed');
  const captions = (await pair.simulator.posts()).map((post) => post.caption);
  assert.deepEqual([captions.length, new Set(captions).size], [7, 7], 'each went out once');
  assert.equal((await command('audit', 'verify')).code, 0);
  assert.match((await command('audit', 'show', '--action', 'instance_key')).said, /retire[^]*rotated[^]*rotate[^]*add[^]*made/);
  const doctor = (await command('doctor')).said;
  assert.match(doctor, /v2 seals/);
  assert.equal((doctor + pair.service.errors).includes(first.trim().split(':')[1].slice(0, 12)), false, 'no key is printed');

  // Somebody puts the copy from before back: its tokens need the version that is gone.
  await pair.service.stop();
  for (const ending of ['', '-wal', '-shm']) rmSync(join(pair.data, `moloko.db${ending}`), { force: true });
  copyFileSync(join(older, 'moloko.db'), join(pair.data, 'moloko.db'));
  const refused = await command('serve', '--listen', '127.0.0.1:0');
  assert.equal(refused.code, 1);
  assert.match(refused.said, /sealed under v1 of the instance key, and the key has only v2/);
  assert.match(refused.said, /Put the line of that version back from your copy/);
  const second = readFileSync(key, 'utf8');
  rmSync(key);
  writeFileSync(key, first + second, { mode: 0o400 });
  await pair.power();
  await mila.person.signIn('mila.keys');
  await mila.person.ask('/queue', { ok: [200] });
  assert.equal(statSync(key).mode & 0o777, 0o400);
});
