// The simulated TikTok as its ledger tells it: what was received, what became a post, what was sent twice. This is the truth
// that the tests compare pages with.
export class Simulator {
  constructor(url) { this.url = url; }

  async ask(method, path, body) {
    const answer = await fetch(`${this.url}/admin/${path}`, {
      method, headers: body ? { 'content-type': 'application/json' } : {}, body: body && JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} /admin/${path}: ${answer.status} ${await answer.text()}`);
    // Ids are larger than what a JavaScript number holds exactly: keep their digits.
    return JSON.parse((await answer.text()).replace(/:\s*(\d{16,})/g, ':"$1"'));
  }

  posts() { return this.ask('GET', 'posts'); }
  tasks() { return this.ask('GET', 'tasks'); }
  duplicates() { return this.ask('GET', 'duplicates'); }
  flags() { return this.ask('GET', 'flags'); }
  journal() { return this.ask('GET', 'journal'); }
  fault(rule) { return this.ask('POST', 'faults', rule); }
  faults() { return this.ask('GET', 'faults'); }
  clearFaults() { return this.ask('DELETE', 'faults'); }
  async now() { return (await this.ask('GET', 'clock')).now_ms; }
  advance(ms) { return this.ask('POST', 'clock', { advance_ms: ms }); }

  /** Lets time run ten times as fast until `stop`. */
  hurry() {
    const timer = setInterval(() => this.advance(1_000).catch(() => {}), 100);
    timer.unref();
    return { stop: () => clearInterval(timer) };
  }

  /** Waits in real time until `test` gives something. */
  async until(what, test, seconds = 60) {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const value = await test(this);
      if (value) return value;
      if (Date.now() > deadline) throw new Error(`the simulator never showed ${what}; tasks: ${JSON.stringify(await this.tasks())}`);
      await new Promise((done) => setTimeout(done, 25));
    }
  }
}
