// The machine's clock jumps while a post waits: six hours ahead, six hours back, and home again. The post never comes early and comes
// once. Needs the Debian package libfaketime. Part of `make reliability`.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crowd, drafts, pressAll } from '../lib/crowd.mjs';
import { ledger, outOnce } from '../lib/judge.mjs';
import { Pair } from '../lib/pair.mjs';
import { folder } from '../lib/programs.mjs';

const library = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu'].map((place) => `${place}/faketime/libfaketimeMT.so.1`).find(existsSync);
if (!library) {
  console.log('clock: SKIPPED, libfaketime is not there (Debian package libfaketime)');
  process.exit(process.env.MOLOKO_REQUIRE_ALL ? 1 : 0);
}
const pause = (ms) => new Promise((done) => setTimeout(done, Math.max(0, ms)));
const control = join(folder('clock'), 'time');
const jump = (text) => writeFileSync(control, text);


/** Posts for one minute, jumps before it; what came of them. */
async function story(name, jumps, mayHold) {
  jump('+0');
  const pair = await Pair.start(`clock-${name}`, { LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: control, FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' });
  try {
    const people = await crowd(pair.simulator, [pair.url], 2);
    const due = Math.ceil((Date.now() + 60_000) / 60_000) * 60_000;
    const posts = await drafts(people, ['small', 'large'], name);
    await pressAll(posts, { action: 'schedule', at: due });
    await pause(2_000);
    const steps = [];
    for (const to of jumps) {
      jump(to);
      await pause(5_000);
      steps.push(`${to}: ${(await ledger(pair.simulator, posts)).size} out`);
    }
    jump('+0');
    const home = Date.now();
    // Never early is checked in each look at the ledger: `notBefore` is the due time by TikTok's clock.
    const held = await outOnce(pair.simulator, posts, { seconds: (due - Date.now()) / 1000 + 200, mayHold });
    await pause(2_000);
    const out = await ledger(pair.simulator, posts);
    if (out.size + held.length !== posts.length) throw new Error(`${out.size} out and ${held.length} held of ${posts.length}`);
    const late = (await pair.simulator.posts()).map((post) => post.created_at_ms - due);
    console.log(`clock, ${name}: ${steps.join(', ')}; home ${Math.round((due - home) / 1000)} s before the due time; ${out.size} out once${late.length ? `, ${Math.min(...late)} to ${Math.max(...late)} ms after it` : ''}; ${held.length} held for their owner`);
  } catch (error) {
    console.error(`clock, ${name}: FAILED`, error, pair.service.errors.slice(-8000), pair.service.output.slice(-8000));
    process.exitCode = 1;
  } finally {
    jump('+0');
    await pair.stop();
  }
}

await story('back and a little ahead', ['-6h', '+0', '+30', '-90'], false);
// By its own clock the service is hours late, and what is late by more than 15 minutes is its owner's to decide.
await story('far ahead', ['+6h'], true);
