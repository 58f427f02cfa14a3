// Two nodes on one PostgreSQL: one dies, one sleeps longer than its lease and wakes up again, one leaves politely, both are
// restarted in turn. Whatever happens to one, its posts go out once. Part of `make reliability`; ROUNDS repeats each story.
import { crowd, postAll } from '../lib/crowd.mjs';
import { chance, ledger, outOnce, spread } from '../lib/judge.mjs';
import { Nodes } from '../lib/nodes.mjs';

const rounds = Number(process.env.ROUNDS ?? 1), seed = Number(process.env.SEED ?? 7);
const only = process.env.STORY;
const luck = chance(seed);
const pause = (ms) => new Promise((done) => setTimeout(done, Math.max(0, ms)));
/** The lease is 30 s and others look every 10 s; a zombie sleeps longer than both. */
const SLEEP_MS = 48_000;

const nodes = await Nodes.start('nodes', 2);
const [one, other] = nodes.list;
const { simulator } = nodes;
const everything = [];
try {
  const people = await crowd(simulator, [one.url], 3);
  const post = async (label, kinds = ['small', 'large']) => {
    const posts = await postAll(people, kinds, label);
    everything.push(...posts);
    return posts;
  };
  const missing = async (posts) => {
    const out = await ledger(simulator, posts, { whole: false });
    return new Set(posts.filter((wanted) => !out.has(wanted.caption)).map((wanted) => wanted.caption));
  };
  /** How long each post that was not out waited for its next call, and for its end. */
  const takeover = async (since, open, posts) => {
    const { seq } = (await simulator.journal()).at(-1);
    await outOnce(simulator, posts, { seconds: 150 });
    const tasks = new Map((await simulator.tasks()).map((task) => [task.publish_id, task.title]));
    const calls = (await simulator.journal()).filter((call) => call.seq > seq && open.has(tasks.get(call.publish_id)));
    const first = [...open].map((caption) => calls.find((call) => tasks.get(call.publish_id) === caption)).filter(Boolean).map((call) => call.at_ms - since);
    const ends = (await simulator.posts()).filter((out) => open.has(out.caption)).map((out) => out.created_at_ms - since);
    return `${open.size} posts open; next call after ms: ${spread(first)}; out after ms: ${spread(ends)}`;
  };
  const at = (url) => { for (const person of people) person.url = url; };

  const stories = {
    async 'killed in the middle'(round) {
      at(one.url);
      await simulator.fault({ route: 'upload_final_chunk', action: { latency: 2_500 }, times: 6 });
      const posts = await post(`kill-${round}`);
      await pause(luck.next() * 2_000);
      at(other.url);
      await one.service.kill();
      const since = Date.now();
      const open = await missing(posts);
      await simulator.clearFaults();
      const told = await takeover(since, open, posts);
      await one.power();
      return told;
    },
    async 'asleep longer than its lease'(round) {
      at(one.url);
      await simulator.fault({ route: 'upload_final_chunk', action: { latency: 1_500 }, times: 6 });
      const posts = await post(`zombie-${round}`);
      await pause(luck.next() * 3_000);
      one.signal('SIGSTOP');
      at(other.url);
      const since = Date.now();
      const open = await missing(posts);
      await simulator.clearFaults();
      const waking = pause(SLEEP_MS).then(() => one.signal('SIGCONT'));
      const told = await takeover(since, open, posts);
      await waking;
      await pause(5_000);
      await outOnce(simulator, posts);
      return told;
    },
    async 'asked to stop'(round) {
      at(one.url);
      const posts = await post(`stop-${round}`);
      at(other.url);
      const since = Date.now();
      await one.service.stop();
      const stopped = Date.now() - since;
      const told = await takeover(since, await missing(posts), posts);
      await one.power();
      return `stopped in ${stopped} ms; ${told}`;
    },
    async 'restarted in turn'(round) {
      const posts = [];
      const rolling = (async () => {
        for (const [node, stay] of [[one, other], [other, one]]) {
          at(stay.url);
          await pause(300);
          await node.service.stop();
          await node.power();
        }
      })();
      let ended = false;
      rolling.finally(() => { ended = true; }).catch(() => {});
      for (let batch = 1; batch <= 6 && !ended; batch += 1) { posts.push(...await post(`roll-${round}-${batch}`, ['small'])); await pause(200); }
      await rolling;
      await outOnce(simulator, posts, { seconds: 200 });
      return `${posts.length} posts`;
    },
  };

  for (let round = 1; round <= rounds; round += 1) {
    for (const [name, tell] of Object.entries(stories)) {
      if (only && !name.includes(only)) continue;
      const began = Date.now();
      console.log(`two nodes, ${name}, round ${round}: ${await tell(round)} (${Math.round((Date.now() - began) / 1000)} s)`);
    }
  }
  await pause(3_000);
  const out = await ledger(simulator, everything);
  console.log(`two nodes: ${out.size} of ${everything.length} posts out, each once`);
  if (out.size !== everything.length) process.exitCode = 1;
} catch (error) {
  console.error(error);
  for (const node of nodes.list) console.error(`--- node ${node.number}\n${node.service?.errors.slice(-6000)}${node.service?.output.slice(-6000)}`);
  process.exitCode = 1;
} finally {
  await nodes.stop();
}
