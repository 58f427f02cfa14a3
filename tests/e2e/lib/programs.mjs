// Starts and stops the real programs: `moloko demo`, `moloko sim`, `moloko serve`. Owns processes, their output and their
// folders; knows nothing of pages. Everything started here is stopped here, also when a test fails.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../../..');
export const binary = process.env.MOLOKO_TEST_BINARY ?? join(root, 'target/debug/moloko');

const started = new Set();
const folders = new Set();

process.on('exit', () => {
  for (const child of started) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is gone after the run. */
export function folder(name) {
  const path = mkdtempSync(join(tmpdir(), `moloko-e2e-${name}-`));
  folders.add(path);
  return path;
}

/** A port that was free a moment ago. */
export async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** A running program: its output so far, its end, and ways to end it. */
export class Program {
  /** `under` is a program with its arguments that starts ours in its own process, as `strace -D` does; `what` is another program than ours. */
  constructor(args, environment = {}, under = [], what = binary) {
    this.args = args;
    this.output = '';
    this.errors = '';
    // Nothing of the caller's own settings may leak in.
    const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('MOLOKO_')));
    if (process.env.MOLOKO_TEST_LOG) inherited.MOLOKO_LOG = process.env.MOLOKO_TEST_LOG;
    const [first, ...rest] = [...under, what, ...args];
    this.child = spawn(first, rest, { env: { ...inherited, NO_COLOR: '1', ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
    started.add(this.child);
    this.child.stdout.setEncoding('utf8').on('data', (text) => { this.output += text; });
    this.child.stderr.setEncoding('utf8').on('data', (text) => { this.errors += text; });
    this.ended = new Promise((done) => {
      this.child.on('exit', (code, signal) => { started.delete(this.child); done({ code, signal }); });
      this.child.on('error', (error) => { this.errors += String(error); started.delete(this.child); done({ code: -1, signal: null }); });
    });
  }

  /** Waits until `test(program)` gives something, and gives that. */
  async until(test, what, seconds = 60) {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const value = await test(this);
      if (value) return value;
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(`moloko ${this.args.join(' ')} ended while waiting for ${what}:\n${this.output}\n${this.errors}`);
      }
      if (Date.now() > deadline) throw new Error(`no ${what} after ${seconds} s from moloko ${this.args.join(' ')}:\n${this.output}\n${this.errors}`);
      await new Promise((done) => setTimeout(done, 20));
    }
  }

  /** The one line of JSON that a program prints when it is ready. */
  ready() {
    return this.until(() => {
      const line = this.output.split('\n').find((text) => text.startsWith('{') && text.trimEnd().endsWith('}'));
      return line && this.output.includes(`${line}\n`) ? JSON.parse(line) : undefined;
    }, 'ready line');
  }

  /** The power plug. */
  async kill() {
    this.child.kill('SIGKILL');
    return this.ended;
  }

  /** The polite way. */
  async stop() {
    this.child.kill('SIGTERM');
    return this.ended;
  }
}

/** The demo in one process, ready. */
export async function demo(...args) {
  const program = new Program(['demo', '--json', '--listen', '127.0.0.1:0', ...args]);
  program.facts = await program.ready();
  return program;
}

/** What a command of the operator says, run beside the service at an address with its data folder. */
export function command(url, data, args) {
  const env = {
    PATH: process.env.PATH, MOLOKO_MODE: 'development', MOLOKO_PUBLIC_URL: url,
    MOLOKO_TIKTOK_CLIENT_KEY: 'aw_not_used', MOLOKO_TIKTOK_CLIENT_SECRET: 'not-used',
  };
  return execFileSync(binary, [...args, '--data', data], { env, encoding: 'utf8' });
}
