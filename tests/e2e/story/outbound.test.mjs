// Where the service goes by itself: everything it connects to during a whole life of an account is written down by the system and compared
// with what the policy allows. TikTok, here the simulated one, and nobody else.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { material } from '../lib/crowd.mjs';
import { HttpPerson } from '../lib/http_person.mjs';
import { Pair } from '../lib/pair.mjs';
import { folder } from '../lib/programs.mjs';

/** The documented interfaces that a publisher needs; nothing about messages, followers or other people's videos is among them. */
const DOCUMENTED = [
  /^\/v2\/oauth\/(token|revoke)\/$/, /^\/v2\/user\/info\/$/, /^\/v2\/post\/publish\/creator_info\/query\/$/,
  /^\/v2\/post\/publish\/(inbox\/)?video\/init\/$/, /^\/v2\/post\/publish\/content\/init\/$/,
  /^\/v2\/post\/publish\/status\/fetch\/$/, /^\/upload/, /^\/sim-cdn\/avatar/,
];

let pair;
afterEach(async () => { await pair?.stop(); pair = undefined; });

test('pp_2_2 pp_3_1 pp_3_5 pp_4_4 from sign-in to leaving, the service talks to TikTok and to nobody else', { timeout: 180_000 }, async () => {
  const tracer = spawnSync('strace', ['-V']);
  assert.equal(tracer.status, 0, 'strace is needed to see where the service connects to: apt-get install strace');
  const trace = join(folder('outbound'), 'trace');
  const under = ['strace', '-D', '-f', '-qq', '-e', 'trace=connect,sendto,sendmsg,sendmmsg', '-e', 'signal=none', '-o', trace];
  pair = await Pair.start('outbound', { MOLOKO_ERASURE_GRACE_DAYS: '0' }, { under });
  await pair.simulator.ask('POST', 'users', { username: 'outbound', nickname: 'Out Bound', daily_post_cap: 100 });
  const person = await new HttpPerson(pair.url).signIn('outbound');
  const media = await person.upload(material().small.path);
  await person.press(await person.draft(media), 'where does it go', 'now');
  await pair.simulator.until('the post', async (sim) => (await sim.posts()).some((post) => post.caption === 'where does it go'), 60);
  for (const path of ['/queue', '/history', '/connections', '/settings', '/your-data', '/privacy']) await person.ask(path);
  const { location } = await person.form('/settings/leave', []);
  const receipt = async () => (await fetch(`${pair.url}${location}/receipt.json`)).json();
  await pair.simulator.until('the end of the erasure', async () => (await receipt()).state === 'done', 60);
  const journal = await pair.simulator.journal();
  await pair.stop();
  const simulator = new URL(pair.simulator.url).port;

  const lines = readFileSync(trace, 'utf8').split('\n');
  const addresses = new Set();
  for (const line of lines) {
    const v4 = /sin_port=htons\((\d+)\), sin_addr=inet_addr\("([^"]+)"\)/.exec(line);
    const v6 = /sin6_port=htons\((\d+)\).*inet_pton\(AF_INET6, "([^"]+)"/.exec(line);
    const [, port, host] = v4 ?? v6 ?? [];
    if (host) addresses.add(`${host}:${port}`);
  }
  assert.deepEqual([...addresses], [`127.0.0.1:${simulator}`]);
  // The consent page is opened by the person's browser, everything else by the service, which says who it is.
  const calls = journal.filter((call) => !call.path.startsWith('/v2/auth/authorize'));
  const agents = new Set(calls.map((call) => call.headers.find(([name]) => name.toLowerCase() === 'user-agent')?.[1]));
  assert.equal(agents.size, 1, [...agents].join(' '));
  assert.match([...agents][0], /moloko/i);
  const paths = new Set(calls.map((call) => call.path));
  assert.ok(paths.size >= 6, [...paths].join(' '));
  for (const path of paths) assert.ok(DOCUMENTED.some((known) => known.test(path)), path);
});
