// How many queue pages the binary gives a signed-in person, beside the smallest answer of the same HTTP stack, in turns.
// Run by scripts/bench-web.sh; arguments: seconds of one round, rounds.
import assert from 'node:assert/strict';
import { spawn, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { asking, plan } from './lib/planned.mjs';
import { demo, freePort, root } from './lib/programs.mjs';

const seconds = Number(process.argv[2] ?? 5);
const rounds = Number(process.argv[3] ?? 5);
const posts = 50;
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

const service = await demo();
const { url, cookie } = service.facts;
const ask = asking(service.facts);
await plan(ask, posts);
const queue = await ask('/queue');
assert.equal(queue.status, 200);
assert.equal(queue.text.match(/#bench<\/a>/g)?.length, posts, 'every post is on the page');

const port = await freePort();
const hello = spawn(process.env.MOLOKO_TEST_HELLO ?? join(root, 'target/release/examples/hello'), [String(port)], { stdio: 'ignore' });
process.on('exit', () => hello.kill());
for (const deadline = Date.now() + 20_000; ;) {
  if (await fetch(`http://127.0.0.1:${port}/`).then(({ ok }) => ok, () => false)) break;
  assert.ok(Date.now() < deadline, 'the hello server answers');
  await new Promise((done) => setTimeout(done, 50));
}

/** Requests per second and the 99th percentile in milliseconds, with 32 connections. */
function load(address, headers = []) {
  const text = execFileSync('wrk', ['-t1', '-c32', `-d${seconds}s`, '--latency', ...headers.flatMap((header) => ['-H', header]), address], { encoding: 'utf8' });
  assert.ok(!/Non-2xx|Socket errors/.test(text), text);
  const [, value, unit] = /99%\s+([\d.]+)(us|ms|s)/.exec(text);
  return { rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)[1]), p99: Number(value) * { us: 0.001, ms: 1, s: 1000 }[unit] };
}
const page = () => load(`${url}/queue`, [`Cookie: ${cookie}`, 'Accept: text/html']);
const smallest = () => load(`http://127.0.0.1:${port}/`);
page();
smallest();
const pages = [], hellos = [];
for (let round = 0; round < rounds; round += 1) {
  hellos.push(smallest());
  pages.push(page());
}
const say = (name, all) => {
  const rates = all.map(({ rate }) => rate);
  console.log(`${name}: ${median(rates).toFixed(0)}/s (${Math.min(...rates).toFixed(0)}-${Math.max(...rates).toFixed(0)}), p99 ${median(all.map(({ p99 }) => p99)).toFixed(1)} ms`);
};
say('axum hello', hellos);
say(`queue page, ${posts} posts, ${(queue.text.length / 1024).toFixed(0)} KiB`, pages);
console.log(`ratio: ${(median(pages.map(({ rate }, n) => rate / hellos[n].rate))).toFixed(3)} (bar: 0.10)`);
hello.kill();
await service.stop();
