// Two services share one PostgreSQL and one key file while the instance key is changed. One of them is switched off in the middle and comes
// back to a key that was rotated without it: what lies in its own folder keeps the old version alive until it was there again.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { material } from '../lib/crowd.mjs';
import { HttpPerson } from '../lib/http_person.mjs';
import { chance } from '../lib/judge.mjs';
import { Nodes, postgres } from '../lib/nodes.mjs';
import { Program } from '../lib/programs.mjs';

let nodes;
after(async () => {
  await nodes?.stop();
  postgres('stop');
});

/** A command of the operator with the folder of a node: what it said and its exit code. */
async function command(node, ...args) {
  const program = new Program([...args, '--data', node.data], node.settings);
  const { code } = await program.ended;
  return { code, said: program.output + program.errors };
}

async function postNow({ person, media }, caption) {
  await person.press(await person.draft(media), caption);
  await nodes.simulator.until(caption, async (sim) => (await sim.posts()).some((post) => post.caption === caption), 90);
}

test('pp_5_2 the key is changed under two nodes, one of which is off in the middle', { timeout: 400_000 }, async () => {
  const luck = chance(Number(process.env.SEED ?? 11));
  nodes = await Nodes.start('rotation', 2);
  const [first, second] = nodes.list;
  const somebody = async (name) => {
    await nodes.simulator.ask('POST', 'users', { username: name, nickname: name, daily_post_cap: 1_000 });
    const person = await new HttpPerson(first.url).signIn(name);
    return { person, media: await person.upload(material().small.path) };
  };
  const [mila, oleg] = [await somebody('mila.nodes'), await somebody('oleg.nodes')];
  await postNow(mila, 'under the first version');
  // The other node publishes while the first has no power, so its own journal has notes under the first version.
  await mila.person.press(await mila.person.draft(mila.media), 'by the second node', 'schedule', Date.now() + 75_000);
  await first.service.kill();
  await nodes.simulator.until('by the second node', async (sim) => (await sim.posts()).some((post) => post.caption === 'by the second node'), 150);
  await first.power();
  assert.match((await command(second, 'key', 'status')).said, /version 1: \d+ notes of the intent journal/);

  assert.equal((await command(first, 'key', 'add')).code, 0);
  // Both run while it begins; then the second one goes, and so does the command, more than once.
  for (let n = 0; n < 2; n += 1) {
    const killed = new Program(['key', 'rotate', '--data', first.data], first.settings);
    await new Promise((next) => setTimeout(next, luck.next() * 300));
    if (n === 0) await second.service.kill();
    await killed.kill();
  }
  const rotation = new Program(['key', 'rotate', '--data', first.data], first.settings);
  await Promise.all([postNow(mila, 'mila meanwhile'), postNow(oleg, 'oleg meanwhile')]);
  await first.service.kill();
  await first.power();
  const { code } = await rotation.ended;
  const rotated = code === 0 ? rotation.output : (await command(first, 'key', 'rotate')).said;
  assert.match(rotated, /nothing is sealed under another version than 2 any more/);

  // What the node that was off has in its folder needs the old version still.
  const early = await command(second, 'key', 'retire', '1');
  assert.equal(early.code, 1, early.said);
  assert.match(early.said, /version 1 is still needed:\n {2}version 1: \d+ notes of the intent journal/);
  await second.power();
  let retired;
  await nodes.simulator.until('the end of the old version', async () => {
    retired = await command(second, 'key', 'retire', '1');
    if (retired.code !== 0) await new Promise((next) => setTimeout(next, 3_000));
    return retired.code === 0;
  }, 120);
  assert.match(readFileSync(join(first.data, 'instance.key'), 'utf8'), /^moloko-key-v2:[^\n]+\n$/);
  for (const node of [first, second]) {
    assert.doesNotMatch((await command(node, 'key', 'status')).said, /version 1/);
    assert.deepEqual(await (await fetch(`${node.url}/healthz`)).json(), { status: 'ok' }, 'nobody was alarmed');
  }
  await Promise.all([postNow(mila, 'under the second version'), postNow(oleg, 'oleg, too')]);
  // And the node that was away publishes alone, with tokens that were sealed anew without it.
  await mila.person.press(await mila.person.draft(mila.media), 'by the second node again', 'schedule', Date.now() + 75_000);
  await first.service.kill();
  await nodes.simulator.until('by the second node again', async (sim) => (await sim.posts()).some((post) => post.caption === 'by the second node again'), 150);
  const captions = (await nodes.simulator.posts()).map((post) => post.caption);
  assert.deepEqual([captions.length, new Set(captions).size], [7, 7], 'each went out once');
  assert.equal((await command(second, 'audit', 'verify')).code, 0);
});
