// Twenty posts over a line that cuts, delays, trickles, refuses and swallows. When it has cleared, each post is out once. Part of
// `make reliability`; SEED repeats the line's decisions, connection by connection.
import { crowd, drafts, pressAll } from '../lib/crowd.mjs';
import { chance, ledger, outOnce } from '../lib/judge.mjs';
import { Pair } from '../lib/pair.mjs';
import { Proxy } from '../lib/proxy.mjs';

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000), people = Number(process.env.PEOPLE ?? 10);
const seconds = Number(process.env.STORM ?? 60);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

let proxy;
const pair = await Pair.start('network', async (url) => {
  proxy = await new Proxy(url, chance(seed)).start();
  return { MOLOKO_TIKTOK_API_URL: proxy.url, MOLOKO_TIKTOK_UPLOAD_ORIGIN: proxy.url };
});
try {
  const crew = await crowd(pair.simulator, [pair.url], people);
  const posts = await drafts(crew, ['small', 'large'], 'network');
  const began = Date.now();
  proxy.weather = true;
  for (const socket of proxy.open) socket.destroy();
  const clearing = pause(seconds * 1000).then(() => { proxy.weather = false; });
  // The press itself asks TikTok what the creator may do, so it meets the line as well: a person presses again.
  await pressAll(posts, { up: () => pause(1_000) });
  await clearing;
  await outOnce(pair.simulator, posts, { seconds: 300 });
  const took = Date.now() - began;
  await pause(3_000);
  const out = await ledger(pair.simulator, posts);
  const inits = (await pair.simulator.tasks()).length;
  console.log(`network: ${out.size} of ${posts.length} posts out once, ${inits} inits that reached TikTok, ${Math.round(took / 1000)} s, SEED=${seed}, connections ${JSON.stringify(proxy.seen)}`);
  if (out.size !== posts.length) process.exitCode = 1;
} catch (error) {
  console.error(`SEED=${seed}`, error, JSON.stringify(proxy?.seen), pair.service.errors.slice(-8000), pair.service.output.slice(-8000));
  process.exitCode = 1;
} finally {
  proxy?.stop();
  await pair.stop();
}
