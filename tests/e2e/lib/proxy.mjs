// A bad line between service and simulator: a TCP proxy that passes, cuts, delays, trickles, refuses or swallows, as a source of chance
// decides for each connection. It knows bytes only, with one exception: the simulator's address in an answer becomes its own, of
// the same length, so that uploads take the bad line as well.
import { connect, createServer } from 'node:net';

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

export class Proxy {
  constructor(target, luck, { share = 0.4 } = {}) {
    this.target = new URL(target);
    this.luck = luck;
    this.share = share;
    this.weather = false;
    this.seen = {};
    this.open = new Set();
  }

  async start() {
    this.server = createServer((near) => this.#serve(near));
    // The own port has as many digits as the simulator's, see above.
    do {
      await new Promise((done) => this.server.close(done)).catch(() => {});
      await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
    } while (String(this.server.address().port).length !== this.target.port.length);
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  stop() {
    for (const socket of this.open) socket.destroy();
    this.server.close();
  }

  /** What happens to one connection. */
  #fate() {
    if (!this.weather || this.luck.next() > this.share) return { kind: 'pass' };
    const kind = this.luck.pick(['cut up', 'cut down', 'delay', 'trickle', 'refuse', 'black hole']);
    // As many small numbers as large ones: headers are hundreds of bytes, files millions.
    return { kind, bytes: Math.floor(10 ** (1 + this.luck.next() * 6.2)), ms: Math.floor(this.luck.next() * 4_000), rate: 200_000 };
  }

  #serve(near) {
    const fate = this.#fate();
    this.seen[fate.kind] = (this.seen[fate.kind] ?? 0) + 1;
    this.open.add(near);
    near.on('error', () => {}).on('close', () => this.open.delete(near));
    if (fate.kind === 'refuse') return near.resetAndDestroy();
    if (fate.kind === 'black hole') {
      near.resume();
      return setTimeout(() => near.destroy(), 25_000).unref();
    }
    const far = connect(Number(this.target.port), this.target.hostname);
    this.open.add(far);
    far.on('error', () => near.destroy()).on('close', () => { this.open.delete(far); near.end(); });
    near.on('close', () => far.destroy());
    // Kept connections would see one decision only: in bad weather they live seconds.
    if (this.weather) setTimeout(() => near.destroy(), 300 + this.luck.next() * 3_000).unref();
    this.#carry(near, far, fate, fate.kind === 'cut up', (bytes) => bytes);
    this.#carry(far, near, fate, fate.kind === 'cut down', (bytes) => this.#renamed(bytes));
    return undefined;
  }

  async #carry(from, to, fate, cut, changed) {
    let passed = 0;
    try {
      for await (const piece of from) {
        let bytes = changed(piece);
        if (fate.kind === 'delay') await pause(fate.ms);
        if (fate.kind === 'trickle') await pause((bytes.length / fate.rate) * 1000);
        const over = cut && passed + bytes.length >= fate.bytes;
        if (over) bytes = bytes.subarray(0, fate.bytes - passed);
        passed += bytes.length;
        if (!to.write(bytes)) await new Promise((done) => { to.once('drain', done); to.once('close', done); });
        if (over) {
          await pause(5);
          from.destroy();
          to.resetAndDestroy();
          return;
        }
      }
      to.end();
    } catch {
      to.destroy();
    }
  }

  #renamed(bytes) {
    const [own, other] = [new URL(this.url).host, this.target.host];
    const at = bytes.indexOf(other);
    if (at < 0) return bytes;
    const copy = Buffer.from(bytes);
    copy.write(own, at, 'latin1');
    return copy;
  }
}
