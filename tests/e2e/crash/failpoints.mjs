// Every arrow of the attempt machine: the process is ended before and after each commit and each effect, started again, and its post
// is out once. Needs a binary with the feature `failpoints`: `make failpoints` builds it and runs this. Part of `make reliability`.
import { crowd, drafts, pressAll } from '../lib/crowd.mjs';
import { ledger, outOnce } from '../lib/judge.mjs';
import { Pair } from '../lib/pair.mjs';

const commits = ['ready', 'init_sent', 'init_acked', 'uploading', 'final_intent', 'handed_over', 'published'];
const effects = ['check_creator', 'send_init', 'verify_media', 'put_chunk', 'put_last_chunk', 'fetch_status'];
const names = [
  ...commits.flatMap((state) => [`${state}.before_commit`, `${state}.after_commit`]),
  ...effects.flatMap((effect) => [`${effect}.before_effect`, `${effect}.after_effect`]),
].filter((name) => name.includes(process.env.NAME ?? ''));
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const lanes = Number(process.env.LANES ?? 2);

async function walk(lane) {
  const mine = names.filter((_, index) => index % lanes === lane);
  const pair = await Pair.start(`failpoints${lane}`);
  const everything = [];
  const restart = async (failpoint) => {
    await pair.service.kill();
    if (failpoint) pair.settings.MOLOKO_TEST_FAILPOINT = failpoint; else delete pair.settings.MOLOKO_TEST_FAILPOINT;
    await pair.power();
  };
  try {
    const people = await crowd(pair.simulator, [pair.url], Math.min(mine.length, 6), ['large']);
    for (const [index, name] of mine.entries()) {
      const how = index % 2 === 0 ? 'abort' : 'pause';
      await restart(`${name}=${how}`);
      const posts = await drafts([people[index % people.length]], ['large'], name);
      everything.push(...posts);
      const pressing = pressAll(posts, { up: () => pair.answers() });
      pressing.catch(() => {});
      if (how === 'abort') {
        const ended = await Promise.race([pair.service.ended, pause(60_000)]);
        if (ended?.signal !== 'SIGABRT') throw new Error(`${name}: never reached, ${JSON.stringify(ended)}`);
      } else {
        await pair.service.until((program) => `${program.errors}${program.output}`.includes('halted at a failpoint'), `halt at ${name}`);
      }
      await restart(undefined);
      await pressing;
      await outOnce(pair.simulator, posts).catch((error) => { error.message = `${name}=${how}: ${error.message}`; throw error; });
      console.log(`failpoint ${name}=${how}: out once`);
    }
    await pause(3_000);
    return (await ledger(pair.simulator, everything)).size;
  } catch (error) {
    error.message += `\n${pair.service.errors.slice(-4000)}${pair.service.output.slice(-4000)}`;
    throw error;
  } finally {
    await pair.stop();
  }
}

const done = await Promise.allSettled(Array.from({ length: lanes }, (_, lane) => walk(lane)));
for (const one of done) if (one.status === 'rejected') { console.error(one.reason.message); process.exitCode = 1; }
const out = done.reduce((sum, one) => sum + (one.value ?? 0), 0);
console.log(`failpoints: ${out} of ${names.length} places, each post out once`);
if (out !== names.length) process.exitCode = 1;
