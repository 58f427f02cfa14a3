// Measures what the binary costs a machine: time to the first answer, idle memory and work, memory while a large file comes in.
// Run by hand: `make footprint`, or MOLOKO_TEST_BINARY=target/release/moloko node tests/e2e/footprint.mjs [MiB].
import { readFileSync } from 'node:fs';
import { demo, folder, freePort, Program } from './lib/programs.mjs';

const mib = Number(process.argv[2] ?? 2048);
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function memory(pid) {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  const value = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(text)[1]) / 1024;
  return { now: value('VmRSS'), peak: value('VmHWM') };
}

/** Processor time of a process so far, milliseconds (the kernel counts in hundredths of a second). */
function work(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function answers(url, seconds = 20) {
  for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline;) {
    try { if ((await fetch(url)).ok) return; } catch { /* not yet */ }
  }
  throw new Error(`${url} did not answer`);
}

const port = await freePort();
const data = folder('footprint');
const settings = {
  MOLOKO_MODE: 'development', MOLOKO_PUBLIC_URL: `http://127.0.0.1:${port}`, MOLOKO_TIKTOK_CLIENT_KEY: 'aw_sim_demo',
  MOLOKO_TIKTOK_CLIENT_SECRET: 'none', MOLOKO_TIKTOK_API_URL: 'http://127.0.0.1:9', MOLOKO_LOG: 'error',
};
const serve = () => new Program(['serve', '--listen', `127.0.0.1:${port}`, '--data', data], settings);

const starts = [];
for (let round = 0; round < 10; round += 1) {
  const began = performance.now();
  const program = serve();
  await answers(`http://127.0.0.1:${port}/healthz`);
  // The first round makes the database.
  if (round > 0) starts.push(performance.now() - began);
  await program.stop();
}
console.log(`start to first answer: median ${median(starts).toFixed(0)} ms (${Math.min(...starts).toFixed(0)}-${Math.max(...starts).toFixed(0)}), ${starts.length} starts`);

const idle = serve();
await answers(`http://127.0.0.1:${port}/healthz`);
await pause(3000);
const before = work(idle.child.pid);
await pause(20_000);
console.log(`idle: ${memory(idle.child.pid).now.toFixed(1)} MiB resident, ${((work(idle.child.pid) - before) / 200).toFixed(2)} % of one processor over 20 s`);
await idle.stop();

const busy = await demo();
const pid = busy.child.pid;
const headers = { authorization: `Bearer ${busy.facts.token}`, 'tus-resumable': '1.0.0' };
const length = mib * 1024 * 1024;
const created = await fetch(`${busy.facts.url}/api/v1/uploads`, {
  method: 'POST', headers: { ...headers, 'upload-length': String(length), 'upload-metadata': `filename ${Buffer.from('large.mp4').toString('base64')}` },
});
if (created.status !== 201) throw new Error(`upload not created: ${created.status} ${await created.text()}`);
const place = new URL(created.headers.get('location'), busy.facts.url);
const rest = memory(pid).now;
const block = Buffer.alloc(8 << 20, 7);
const began = performance.now();
let highest = 0;
for (let offset = 0; offset < length; offset += block.length) {
  const body = block.subarray(0, Math.min(block.length, length - offset));
  const sent = await fetch(place, { method: 'PATCH', headers: { ...headers, 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' }, body });
  if (sent.status !== 204) throw new Error(`piece at ${offset} refused: ${sent.status} ${await sent.text()}`);
  highest = Math.max(highest, memory(pid).now);
}
const seconds = (performance.now() - began) / 1000;
console.log(`${mib} MiB in: ${(mib / seconds).toFixed(0)} MiB/s, resident ${rest.toFixed(1)} MiB before, ${highest.toFixed(1)} MiB at most during (growth ${(highest - rest).toFixed(1)} MiB)`);
await busy.stop();
