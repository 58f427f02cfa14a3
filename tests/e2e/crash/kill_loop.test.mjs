// A slice of the kill loop for every test run, and the proof that an ordinary binary has no failpoints. The long run is
// `make kill-loop`, the other troubles are `make reliability`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lane } from './kill_loop.mjs';
import { crowd, drafts, pressAll } from '../lib/crowd.mjs';
import { outOnce } from '../lib/judge.mjs';
import { Pair } from '../lib/pair.mjs';

test('killed at random moments, every post is out once', { timeout: 240_000 }, async () => {
  const seed = Date.now() % 1_000_000;
  const lanes = await Promise.all([1, 2].map((number) => lane({ name: `slice${number}`, seed: seed + number, runs: 4, people: 5, restMs: 12_000 })));
  for (const figures of lanes) {
    assert.equal(figures.runs, 4);
    assert.ok(figures.kills >= 4, 'each run loses its power');
    assert.equal(figures.limited, 0, 'TikTok never had to refuse a call for its rate');
    for (const ms of figures.recovery) assert.ok(ms <= 2_000, `work goes on within 2 s, not ${ms} ms`);
  }
});

test('an ordinary binary knows no failpoint', { timeout: 120_000 }, async () => {
  const pair = await Pair.start('ordinary', { MOLOKO_TEST_FAILPOINT: 'init_sent.after_commit=abort' });
  try {
    const posts = await drafts(await crowd(pair.simulator, [pair.url], 1, ['small']), ['small'], 'ordinary');
    await pressAll(posts);
    await outOnce(pair.simulator, posts);
    assert.equal(pair.service.child.exitCode, null);
    assert.equal(pair.service.child.signalCode, null, 'it runs on');
  } finally {
    await pair.stop();
  }
});
