// PostgreSQL dies without warning and comes back, and connections are cut from its side, while posts go out. Each is out once. Part of
// `make reliability`. The server of the tests has fsync off, so this is a crash of PostgreSQL, not of the machine below it.
import { crowd, drafts, pressAll } from '../lib/crowd.mjs';
import { chance, ledger, outOnce } from '../lib/judge.mjs';
import { Nodes, postgres, sql } from '../lib/nodes.mjs';

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000), people = Number(process.env.PEOPLE ?? 6);
const luck = chance(seed);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

const nodes = await Nodes.start('trouble', 1);
const [node] = nodes.list;
const { simulator } = nodes;
try {
  const crew = await crowd(simulator, [node.url], people);
  const posts = await drafts(crew, ['small', 'large'], 'database');
  const base = postgres('url');
  const name = nodes.database.split('/').pop();
  const seen = { restarts: 0, 'connections cut': 0 };
  let calm = false;
  const trouble = (async () => {
    for (let step = 0; step < 25; step += 1) {
      if (luck.next() < 0.25) {
        postgres('crash');
        seen.restarts += 1;
      } else {
        const cut = sql(base, `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '${name}' AND pid <> pg_backend_pid()`);
        seen['connections cut'] += Number(cut);
      }
      await pause(100 + luck.next() * 900);
    }
    calm = true;
  })();
  trouble.catch(() => {});
  await pressAll(posts, { up: () => pause(500) });
  await trouble;
  await outOnce(simulator, posts, { seconds: 240 });
  await pause(3_000);
  const out = await ledger(simulator, posts);
  const alive = node.service.child.exitCode === null;
  console.log(`database: ${out.size} of ${posts.length} posts out once, SEED=${seed}, ${JSON.stringify(seen)}, trouble ended: ${calm}, the service ${alive ? 'ran on' : 'ended'}`);
  if (out.size !== posts.length || !alive) process.exitCode = 1;
} catch (error) {
  console.error(`SEED=${seed}`, error, node.service?.errors.slice(-8000), node.service?.output.slice(-8000));
  process.exitCode = 1;
} finally {
  await nodes.stop();
  postgres('stop');
}
