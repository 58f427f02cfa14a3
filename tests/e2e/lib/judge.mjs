// What must be true of posts after trouble, held against the simulator's ledger: out once, with the approved bytes, not early, and
// our own page says so. Owns the verdict and the waiting for it; knows nothing of the trouble.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A broken promise, named by its kind: duplicate, loss, early, bytes, false state. */
export class Broken extends Error {
  constructor(kind, text) {
    super(`${kind}: ${text}`);
    this.kind = kind;
  }
}

export const sha256 = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Checks what the ledger says now: `posts` are `{ caption, sha256, notBefore }`. Gives the captions that are out. */
export async function ledger(simulator, posts, { whole = true } = {}) {
  const [there, signs] = await Promise.all([simulator.posts(), simulator.duplicates()]);
  const by = new Map();
  for (const one of there) by.set(one.caption, [...by.get(one.caption) ?? [], one]);
  for (const post of posts) {
    const found = by.get(post.caption) ?? [];
    if (found.length > 1) throw new Broken('duplicate', `${post.caption} is there ${found.length} times: ${found.map((one) => one.publish_id)}`);
    if (found.length === 0) continue;
    if (found[0].sha256 !== post.sha256) throw new Broken('bytes', `${post.caption} has other bytes than the approved file`);
    if (found[0].created_at_ms < post.notBefore) throw new Broken('early', `${post.caption} came ${post.notBefore - found[0].created_at_ms} ms before its time`);
  }
  const known = new Set(posts.map((post) => post.caption));
  const strangers = whole ? there.filter((one) => !known.has(one.caption)) : [];
  if (strangers.length) throw new Broken('duplicate', `nobody asked for ${strangers.map((one) => one.caption)}`);
  // The same file under two captions is two wishes; a second init after every byte had arrived is the first step of a duplicate.
  const again = signs.filter((sign) => sign.init_after_final_byte);
  if (again.length) throw new Broken('duplicate', JSON.stringify(again));
  return new Set([...by.keys()].filter((caption) => known.has(caption)));
}

/**
 * Waits until every post (`{ caption, sha256, notBefore, id, person }`) is out once and its page says "Published". With `mayHold` a page
 * that asks its owner is an answer as well, if TikTok has none of that post; gives the captions of those.
 */
export async function outOnce(simulator, posts, { seconds = 120, mayHold = false } = {}) {
  const held = [];
  const deadline = Date.now() + seconds * 1000;
  const waiting = new Map(posts.map((post) => [post.id, post]));
  for (;;) {
    const out = await ledger(simulator, posts, { whole: false });
    const states = [];
    for (const post of [...waiting.values()]) {
      const state = await post.person.stateOf(post.id).catch((error) => `no page: ${error.message}`);
      states.push(`${post.caption} is ${state}`);
      if (state === 'published') {
        // The page was asked after the ledger, so what it claims may be newer: ask again before calling it false.
        if (!out.has(post.caption) && !(await ledger(simulator, [post], { whole: false })).has(post.caption)) throw new Broken('false state', `${post.caption} is shown as published and TikTok has none`);
        waiting.delete(post.id);
      } else if (mayHold && state === 'needs-attention') {
        if (out.has(post.caption)) throw new Broken('false state', `${post.caption} is held and TikTok has it`);
        held.push(post.caption);
        waiting.delete(post.id);
      } else if (['failed', 'cancelled', 'draft', 'in-inbox'].includes(state)) {
        throw new Broken('false state', `${post.caption} is shown as ${state}`);
      }
    }
    if (waiting.size === 0) return held;
    if (Date.now() > deadline) {
      const tasks = (await simulator.tasks()).filter((task) => posts.some((post) => post.caption === task.title));
      throw new Broken('loss', `after ${seconds} s: ${states.join('; ')}; TikTok has ${JSON.stringify(tasks)}`);
    }
    await pause(250);
  }
}

/** Quantiles of a list of numbers, in words. */
export function spread(numbers) {
  if (numbers.length === 0) return 'none';
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (part) => sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)];
  return `p50 ${at(0.5)}, p99 ${at(0.99)}, max ${sorted.at(-1)} (${sorted.length} values)`;
}

/** A repeatable source of chance (mulberry32). */
export function chance(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6D2B79F5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return { next, below: (limit) => Math.floor(next() * limit), pick: (list) => list[Math.floor(next() * list.length)] };
}
