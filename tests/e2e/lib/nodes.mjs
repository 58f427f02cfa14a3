// Several services on one PostgreSQL, with one folder of media and one simulator. Owns their processes and the database made for
// them. Each node has a data folder of its own, whose `blobs` is a link to the shared one; the instance key is given to all.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { folder, freePort, Program, root } from './programs.mjs';
import { Simulator } from './simulator.mjs';

/** Runs scripts/postgres.sh. */
export const postgres = (command) => execFileSync(join(root, 'scripts/postgres.sh'), [command], { encoding: 'utf8' }).trim();

/** Ends the server, unless somebody else has begun it for several tests that run together. */
export const letGo = () => { if (!process.env.MOLOKO_TEST_POSTGRES_KEPT) postgres('stop'); };

/** One statement on a database. */
export const sql = (url, text) => execFileSync('psql', ['-X', '-q', '-t', '-A', '-d', url, '-c', text], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();

export class Node {
  constructor(number, port, settings) {
    Object.assign(this, { number, port, url: `http://127.0.0.1:${port}`, data: folder(`node${number}`), settings });
  }

  async power() {
    this.service = new Program(['serve', '--listen', `127.0.0.1:${this.port}`, '--data', this.data], this.settings);
    await this.service.until(() => this.isUp(), 'an answer');
  }

  async isUp() {
    try { return (await fetch(`${this.url}/healthz`, { signal: AbortSignal.timeout(2_000) })).ok; } catch { return false; }
  }

  signal(name) { this.service.child.kill(name); }
}

export class Nodes {
  /** `apart` gives each node a folder of its own for unfinished uploads too: finished files are then shared by a storage. */
  static async start(name, count, settings = {}, { apart = false } = {}) {
    const all = new Nodes();
    postgres('start');
    const base = postgres('url');
    all.database = base.replace(/\/postgres$/, `/e2e_${name}_${randomBytes(4).toString('hex')}`);
    sql(base, `CREATE DATABASE ${all.database.split('/').pop()}`);
    const ports = [];
    for (let index = 0; index < count; index += 1) ports.push(await freePort());
    const publicUrl = `http://127.0.0.1:${ports[0]}`;
    all.sim = new Program(['sim', '--listen', '127.0.0.1:0', '--json', '--redirect-uri', `${publicUrl}/oauth/tiktok/callback/`, '--data', folder(`${name}-sim`)]);
    const { url } = await all.sim.ready();
    all.simulator = new Simulator(url);
    const shared = join(folder(`${name}-shared`), 'blobs');
    mkdirSync(shared, { mode: 0o700 });
    const common = {
      MOLOKO_MODE: 'development', MOLOKO_PUBLIC_URL: publicUrl, MOLOKO_TIKTOK_CLIENT_KEY: 'aw_sim_demo',
      MOLOKO_TIKTOK_CLIENT_SECRET: 'simulated-secret-of-the-demo', MOLOKO_TIKTOK_AUTHORIZE_URL: `${url}/v2/auth/authorize/`,
      MOLOKO_TIKTOK_API_URL: url, MOLOKO_TIKTOK_UPLOAD_ORIGIN: url, MOLOKO_DATABASE_URL: all.database,
    };
    all.list = [];
    for (const [index, port] of ports.entries()) {
      const node = new Node(index + 1, port, { ...common, ...settings });
      if (!apart) symlinkSync(shared, join(node.data, 'blobs'));
      all.list.push(node);
    }
    // The first one makes the key in its folder; the others are given the same file.
    await all.list[0].power();
    for (const node of all.list.slice(1)) {
      node.settings.MOLOKO_INSTANCE_KEY_FILE = join(all.list[0].data, 'instance.key');
      await node.power();
    }
    return all;
  }

  async stop() {
    for (const node of this.list ?? []) { node.signal('SIGCONT'); await node.service?.stop(); }
    await this.sim?.stop();
  }
}
