// What stories about backups share: commands of the operator on a data folder, killed or not, and databases to put copies into. Owns nothing that must come of it.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HttpPerson } from './http_person.mjs';
import { sql } from './nodes.mjs';
import { folder, Program } from './programs.mjs';

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** A new database of this server; gives its address. */
export function database(server, name) {
  const fresh = `${name}_${randomBytes(4).toString('hex')}`;
  sql(server, `CREATE DATABASE ${fresh}`);
  return server.replace(/\/postgres$/, `/${fresh}`);
}

/** A command on a data folder: what it said and its exit code. */
export async function command(pair, data, settings, ...args) {
  const program = new Program([...args, '--data', data], { ...pair.settings, ...settings });
  const { code } = await program.ended;
  return { code, said: program.output + program.errors };
}

export async function well(pair, data, settings, ...args) {
  const { code, said } = await command(pair, data, settings, ...args);
  assert.equal(code, 0, `moloko ${args.join(' ')}: ${said}`);
  return said;
}

/** How long something takes, milliseconds. */
export async function took(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Runs a command and kills it after so many milliseconds; whether it was still running then. */
export async function killed(ms, pair, data, settings, ...args) {
  const program = new Program([...args, '--data', data], { ...pair.settings, ...settings });
  await pause(ms);
  return (await program.kill()).signal === 'SIGKILL';
}

/** Waits until nobody but us is connected to a database. */
export async function quiet(server, url) {
  const name = url.split('/').pop();
  const others = () => sql(server, `SELECT string_agg(application_name, ' ') FROM pg_stat_activity WHERE datname = '${name}' AND pid <> pg_backend_pid()`);
  for (const deadline = Date.now() + 20_000; others() !== ''; await pause(20)) {
    assert.ok(Date.now() < deadline, `still connected: ${others()}`);
  }
}

/** The copies in a folder of backups, the oldest first. */
export const copies = (place) => readdirSync(place).filter((name) => /^\d{4}-/.test(name)).sort();

/** Somebody with a file and so many posts that are planned. */
export async function somebody(pair, name, film, posts) {
  await pair.simulator.ask('POST', 'users', { username: name, nickname: `Nickname ${name}`, daily_post_cap: 1_000 });
  const person = await new HttpPerson(pair.url).signIn(name);
  const media = await person.upload(film);
  for (let n = 1; n <= posts; n += 1) await person.press(await person.draft(media), `${name} ${n}`, 'schedule', Date.now() + 3_600_000);
  return person;
}

/** A new data folder that has the instance key alone, as on another machine. */
export function elsewhere(key) {
  const data = folder('restored-pg');
  writeFileSync(join(data, 'instance.key'), key, { mode: 0o400 });
  return data;
}
