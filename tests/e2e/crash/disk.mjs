// The disk under the embedded database: full, locked by another process for 30 s, failing to save, and with a page that is not what
// was written. Posts go out once all the same; where the program cannot go on, it says so. Part of `make reliability`; STORY picks one.
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crowd, drafts, pressAll } from '../lib/crowd.mjs';
import { ledger, outOnce } from '../lib/judge.mjs';
import { Pair } from '../lib/pair.mjs';
import { folder, Program, root } from '../lib/programs.mjs';

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const said = (program) => `${program.errors}${program.output}`;
const slowly = (simulator, ms) => simulator.fault({ route: 'upload_final_chunk', action: { latency: ms }, times: 4 });

/** A service with posts ready to be pressed. */
async function ready(name, settings, wishes) {
  const pair = await Pair.start(name, settings, wishes);
  const people = await crowd(pair.simulator, [pair.url], 2);
  return { pair, posts: await drafts(people, ['small', 'large'], name) };
}

/** Every post once, now and a little later. */
async function judged(pair, posts, seconds = 150) {
  await outOnce(pair.simulator, posts, { seconds });
  await pause(2_000);
  const out = await ledger(pair.simulator, posts);
  return `${out.size} of ${posts.length} posts out once`;
}

const stories = {
  async full() {
    if (process.getuid() !== 0) return 'SKIPPED: mounting a small disk needs root';
    const place = folder('full');
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96m,mode=700', 'tmpfs', place]);
    let pair;
    try {
      const begun = await ready('full', { MOLOKO_DISK_RESERVE_MIB: '1' }, { data: place });
      pair = begun.pair;
      await slowly(pair.simulator, 4_000);
      await pressAll(begun.posts);
      await pause(500);
      // Everything that is left, to the last byte.
      try { execFileSync('dd', ['if=/dev/zero', `of=${join(place, 'ballast')}`, 'bs=64k'], { stdio: 'ignore' }); } catch { /* full, as wanted */ }
      await pause(12_000);
      const during = await ledger(pair.simulator, begun.posts);
      const alive = pair.service.child.exitCode === null;
      rmSync(join(place, 'ballast'));
      if (!alive) await pair.power();
      return `${during.size} out while the disk was full for 12 s, the service ${alive ? 'ran on' : 'ended and was started again'}; with room again: ${await judged(pair, begun.posts)}`;
    } catch (error) {
      throw new Error(`${error.message}\n${pair && said(pair.service).slice(-6000)}`);
    } finally {
      await pair?.stop();
      execFileSync('umount', ['-l', place]);
    }
  },

  async locked() {
    const { pair, posts } = await ready('locked');
    try {
      await slowly(pair.simulator, 2_000);
      await pressAll(posts);
      const holder = spawn('sqlite3', [join(pair.data, 'moloko.db')], { stdio: ['pipe', 'ignore', 'inherit'] });
      holder.stdin.write('.timeout 10000\nBEGIN IMMEDIATE;\n');
      await pause(30_000);
      holder.stdin.end('ROLLBACK;\n.quit\n');
      return `locked for 30 s by another process: ${await judged(pair, posts)}`;
    } catch (error) {
      throw new Error(`${error.message}\n${said(pair.service).slice(-6000)}`);
    } finally {
      await pair.stop();
    }
  },

  async unsaved() {
    const shim = join(folder('shim'), 'fsync_fails.so'), sign = join(folder('sign'), 'now');
    execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-o', shim, join(root, 'tests/e2e/crash/fsync_fails.c'), '-ldl']);
    const { pair, posts } = await ready('unsaved', { LD_PRELOAD: shim, MOLOKO_TEST_FSYNC_FAILS: sign });
    try {
      await slowly(pair.simulator, 2_500);
      await pressAll(posts);
      await pause(300);
      writeFileSync(sign, '');
      const ended = await Promise.race([pair.service.ended, pause(20_000)]);
      const words = said(pair.service).split('\n').filter((line) => /ERROR/.test(line)).pop() ?? '';
      rmSync(sign);
      if (!ended) throw new Error(`the process ran on although a commit could not be saved: ${said(pair.service).slice(-4000)}`);
      await pair.power();
      return `ended with ${JSON.stringify(ended)} (${words.slice(0, 300)}); after the next start: ${await judged(pair, posts)}`;
    } finally {
      await pair.stop();
    }
  },

  async corrupted() {
    const { pair, posts } = await ready('corrupted');
    try {
      await pressAll(posts);
      await outOnce(pair.simulator, posts);
      await pair.service.stop();
      const path = join(pair.data, 'moloko.db');
      const pages = Math.floor(statSync(path).size / 4096);
      const file = openSync(path, 'r+');
      // Every third page but the first one: the header still looks well.
      for (let page = 2; page < pages; page += 3) writeSync(file, Buffer.alloc(4096, 0xa5), 0, 4096, page * 4096);
      closeSync(file);
      const again = new Program(['serve', '--listen', `127.0.0.1:${pair.port}`, '--data', pair.data], pair.settings);
      const ended = await Promise.race([again.ended, pause(15_000)]);
      if (!ended) { await again.kill(); throw new Error(`the service runs on a database with ruined pages: ${said(again).slice(-3000)}`); }
      const words = said(again).trim().split('\n').slice(-6).join(' | ');
      if (ended.code === 0 || !/damaged|malformed/.test(words)) throw new Error(`ended with ${JSON.stringify(ended)} and unclear words: ${words}`);
      return `refused to start (${JSON.stringify(ended)}): ${words.slice(0, 700)}`;
    } finally {
      await pair.stop();
    }
  },
};

for (const [name, tell] of Object.entries(stories)) {
  if (process.env.STORY && process.env.STORY !== name) continue;
  const began = Date.now();
  try {
    console.log(`disk, ${name}: ${await tell()} (${Math.round((Date.now() - began) / 1000)} s)`);
  } catch (error) {
    console.error(`disk, ${name}: FAILED: ${error.message}`);
    process.exitCode = 1;
  }
}
