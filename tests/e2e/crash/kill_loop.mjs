// The kill loop: the service is killed by SIGKILL at a uniformly random moment of a publish, started again, and judged by the
// simulator's ledger. Run it by `make kill-loop RUNS=1000`; `SEED` repeats the choices of a run (moments are real time, so a seed
// repeats the plan and not the scheduler of the operating system). It stops at the first broken promise and keeps its evidence.
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { crowd, drafts, pressAll } from '../lib/crowd.mjs';
import { chance, ledger, outOnce, spread } from '../lib/judge.mjs';
import { Pair } from '../lib/pair.mjs';
import { root } from '../lib/programs.mjs';

/** TikTok's allowance of six inits a minute and account, halved: every post may need a second one. */
const RUNS_PER_ACCOUNT_MS = 44_000;
const pause = (ms) => new Promise((done) => setTimeout(done, Math.max(0, ms)));

/** One lane: a simulator, a service, people who post in turn. Gives its figures. */
export async function lane({ name, seed, runs, people: wanted = 8, restMs = RUNS_PER_ACCOUNT_MS, told = () => {}, until = Infinity }) {
  const luck = chance(seed);
  const pair = await Pair.start(`kill-${name}`, { MOLOKO_LOG: 'info' });
  const figures = { runs: 0, kills: 0, posts: 0, recovery: [], waits: [], where: {}, inits: 0 };
  const everything = [];
  let plan;
  try {
    const people = await crowd(pair.simulator, [pair.url], wanted);
    const lastUsed = new Map();
    // How long a publish takes when nobody disturbs it, from the press until TikTok shows all of it.
    const calm = await drafts(people.slice(0, 2), ['small', 'large'], 'calm');
    let began = Date.now();
    await pressAll(calm);
    await pair.simulator.until('the calm posts', async (sim) => (await sim.posts()).length === calm.length);
    const whole = Date.now() - began;
    await outOnce(pair.simulator, calm);
    for (const person of people.slice(0, 2)) lastUsed.set(person, began);
    everything.push(...calm);
    for (let run = 1; run <= runs && Date.now() < until; run += 1) {
      const chosen = [...people].sort((a, b) => (lastUsed.get(a) ?? 0) - (lastUsed.get(b) ?? 0)).slice(0, 2);
      for (const person of chosen) {
        await pause(Math.max(0, (lastUsed.get(person) ?? 0) + restMs - Date.now()));
        lastUsed.set(person, Date.now());
      }
      // Most runs lose their power once; some again while they recover.
      const moments = [luck.next() * whole];
      while (luck.next() < 0.2) moments.push(luck.next() * whole);
      plan = { lane: name, seed, run, wholeMs: whole, momentsMs: moments.map(Math.round) };
      const posts = await drafts(chosen, ['small', 'large'], `${name}-${run}`);
      everything.push(...posts);
      began = Date.now();
      const pressing = pressAll(posts, { up: () => pair.answers() });
      pressing.catch(() => {});
      for (const [index, moment] of moments.entries()) {
        await pause(index === 0 ? began + moment - Date.now() : moment);
        await pair.service.kill();
        figures.kills += 1;
        const seen = await standing(pair.simulator, posts);
        figures.where[seen.word] = (figures.where[seen.word] ?? 0) + 1;
        await pair.power();
        const up = Date.now();
        if (seen.tasks > 0 && !seen.done) {
          const first = await firstCall(pair, seen.seq, moments[index + 1] ?? 12_000);
          if (first !== undefined) (seen.sending ? figures.recovery : figures.waits).push(Math.max(0, first - up));
        }
      }
      await pressing;
      await outOnce(pair.simulator, posts);
      figures.runs += 1;
      figures.posts += posts.length;
      for (const post of await pair.simulator.posts()) for (const file of post.files) rmSync(file, { force: true });
      told({ name, run, ...plan });
    }
    // Whatever came later than its run's verdict: the whole ledger once more.
    await pause(3_000);
    const out = await ledger(pair.simulator, everything);
    if (out.size !== everything.length) throw new Error(`loss: ${everything.length - out.size} posts are not there at the end`);
    figures.inits = (await pair.simulator.tasks()).length;
    figures.limited = (await pair.simulator.journal()).filter((call) => call.status === 429).length;
    figures.notes = (await pair.simulator.journal()).flatMap((call) => call.notes ?? []).length;
    figures.all = everything.length;
    return figures;
  } catch (error) {
    error.message = `${error.message}\nplan: ${JSON.stringify(plan)}\nevidence: ${await keep(pair, plan, error)}`;
    error.figures = figures;
    throw error;
  } finally {
    await pair.stop();
  }
}

/** Where TikTok saw the posts when the power went. */
async function standing(simulator, posts) {
  const captions = new Set(posts.map((post) => post.caption));
  const [tasks, out, journal] = await Promise.all([simulator.tasks(), simulator.posts(), simulator.journal()]);
  const mine = tasks.filter((task) => captions.has(task.title));
  const there = out.filter((post) => captions.has(post.caption)).length;
  const arriving = mine.some((task) => task.received_bytes > 0 && task.received_bytes < task.size_bytes);
  const whole = mine.filter((task) => task.received_bytes === task.size_bytes).length;
  const word = there === posts.length ? 'every post visible' : arriving ? 'bytes on their way' : whole > 0 ? 'some files whole, others not begun'
    : mine.length > 0 ? 'begun, no byte' : 'before the first init';
  return { word, tasks: mine.length, sending: whole < mine.length, done: there === mine.length, seq: journal.at(-1)?.seq ?? 0 };
}

/** When the service first spoke to TikTok after its start, in ms of the epoch. */
async function firstCall(pair, seq, within) {
  const deadline = Date.now() + within;
  while (Date.now() < deadline) {
    const [first] = await pair.simulator.ask('GET', `journal?after=${seq}`);
    if (first) return first.at_ms;
    await pause(20);
  }
  return undefined;
}

/** Copies what is needed to understand a broken promise; gives the folder. */
async function keep(pair, plan, error) {
  const place = join(root, 'target/kill-loop', `${plan?.lane ?? 'lane'}-${plan?.run ?? 0}-${Date.now()}`);
  mkdirSync(place, { recursive: true });
  await pair.service?.kill();
  for (const file of ['moloko.db', 'moloko.db-wal']) try { copyFileSync(join(pair.data, file), join(place, file)); } catch { /* not there */ }
  writeFileSync(join(place, 'service.log'), `${pair.service?.output ?? ''}\n${pair.service?.errors ?? ''}`);
  const told = {};
  for (const what of ['posts', 'tasks', 'duplicates', 'journal', 'flags']) told[what] = await pair.simulator[what]().catch((failure) => String(failure));
  writeFileSync(join(place, 'simulator.json'), JSON.stringify(told, null, 1));
  writeFileSync(join(place, 'plan.json'), JSON.stringify({ plan, error: error.message }, null, 1));
  return place;
}

/** What N runs without a failure say, and no more. */
export function statistics(runs) {
  return `zero failures in ${runs} runs bound the probability of a failure in one run at about 3/${runs} = ${(300 / runs).toFixed(2)} % (95 %)`;
}

async function main() {
  const runs = Number(process.env.RUNS ?? 100), lanes = Number(process.env.LANES ?? 2);
  const minutes = Number(process.env.MINUTES ?? Infinity);
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000_000);
  console.log(`kill loop: ${runs} runs in ${lanes} lanes, SEED=${seed}`);
  const began = Date.now();
  let done = 0;
  const told = () => { done += 1; if (done % 10 === 0) console.log(`${done} runs, ${Math.round((Date.now() - began) / 1000)} s`); };
  const work = Array.from({ length: lanes }, (_, index) => lane({
    name: `l${index + 1}`, seed: seed + index, runs: Math.ceil((runs - index) / lanes), told, until: began + minutes * 60_000,
  }));
  const ended = await Promise.allSettled(work.map((one) => one.catch((error) => { console.error(error.message); process.exitCode = 1; throw error; })));
  const all = ended.map((one) => one.value ?? one.reason.figures ?? {});
  const sum = (name) => all.reduce((total, one) => total + (one[name] ?? 0), 0);
  const broken = ended.filter((one) => one.status === 'rejected').map((one) => one.reason.kind ?? 'other');
  const count = (kind) => broken.filter((one) => one === kind).length;
  const where = {};
  for (const one of all) for (const [word, times] of Object.entries(one.where ?? {})) where[word] = (where[word] ?? 0) + times;
  console.log(`runs ${sum('runs')}, kills ${sum('kills')}, posts ${sum('posts')}, inits ${sum('inits')}, calls refused for their rate ${sum('limited')}`);
  console.log(`duplicates ${count('duplicate')}, losses ${count('loss')}, early ${count('early')}, wrong bytes ${count('bytes')}, false states ${count('false state')}, other ${count('other')}`);
  console.log(`where TikTok stood at the kill: ${JSON.stringify(where)}`);
  console.log(`first call after the process is up, ms: files unfinished: ${spread(all.flatMap((one) => one.recovery ?? []))}; only the verdict missing: ${spread(all.flatMap((one) => one.waits ?? []))}`);
  if (broken.length === 0) console.log(statistics(sum('runs')));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
