// Simulator and service as two processes, so that the service can lose its power while TikTok keeps its ledger.
import { folder, freePort, Program } from './programs.mjs';
import { Simulator } from './simulator.mjs';

export class Pair {
  /** `settings` may be a function of the simulator's address, for what stands between the two. */
  static async start(name, settings = {}, { data, under = [] } = {}) {
    const pair = new Pair();
    pair.under = under;
    pair.port = await freePort();
    pair.url = `http://127.0.0.1:${pair.port}`;
    pair.data = data ?? folder(name);
    pair.sim = new Program(['sim', '--listen', '127.0.0.1:0', '--json', '--redirect-uri', `${pair.url}/oauth/tiktok/callback/`,
      '--webhook-url', `${pair.url}/webhooks/tiktok`, '--data', folder(`${name}-sim`)]);
    const { url } = await pair.sim.ready();
    pair.simulator = new Simulator(url);
    pair.settings = {
      MOLOKO_MODE: 'development', MOLOKO_PUBLIC_URL: pair.url, MOLOKO_TIKTOK_CLIENT_KEY: 'aw_sim_demo',
      MOLOKO_TIKTOK_CLIENT_SECRET: 'simulated-secret-of-the-demo', MOLOKO_TIKTOK_AUTHORIZE_URL: `${url}/v2/auth/authorize/`,
      MOLOKO_TIKTOK_API_URL: url, MOLOKO_TIKTOK_UPLOAD_ORIGIN: url, ...(typeof settings === 'function' ? await settings(url) : settings),
    };
    await pair.power();
    return pair;
  }

  /** Starts the service, for the first time or again, and waits until it answers. */
  async power() {
    this.service = new Program(['serve', '--listen', `127.0.0.1:${this.port}`, '--data', this.data], this.settings, this.under);
    await this.service.until(() => this.isUp(), 'an answer');
  }

  async isUp() {
    try { return (await fetch(`${this.url}/healthz`)).ok; } catch { return false; }
  }

  /** Waits until there is a page, whoever powers the service. */
  async answers(seconds = 60) {
    for (const deadline = Date.now() + seconds * 1000; !(await this.isUp());) {
      if (Date.now() > deadline) throw new Error(`no page at ${this.url} after ${seconds} s`);
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  /** Pulls the plug, puts it in again. */
  async powerCut() {
    await this.service.kill();
    await this.simulator.clearFaults();
    await this.power();
  }

  async stop() {
    await this.service?.stop();
    await this.sim?.stop();
  }
}
