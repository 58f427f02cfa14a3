// A push service on this machine that opens what it gets as the browser would (RFC 8291) and looks at the word it comes with (RFC 8292). Stands in
// for those of browsers' makers, which no test may talk to.
import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from 'node:crypto';
import { createServer } from 'node:http';

const sha = (salt, secret, info, length) => Buffer.from(hkdfSync('sha256', secret, salt, info, length));

export class PushService {
  static async open() {
    const service = new PushService();
    service.browser = createECDH('prime256v1');
    service.browser.generateKeys();
    service.auth = randomBytes(16);
    service.messages = [];
    service.trouble = [];
    service.server = createServer((request, response) => {
      const parts = [];
      request.on('data', (part) => parts.push(part));
      request.on('end', () => {
        try {
          service.messages.push({ text: JSON.parse(service.opened(Buffer.concat(parts))), headers: request.headers, word: service.word(request.headers.authorization) });
          response.writeHead(201).end();
        } catch (error) {
          service.trouble.push(error.message);
          response.writeHead(400).end();
        }
      });
    });
    await new Promise((done) => service.server.listen(0, '127.0.0.1', done));
    service.url = `http://127.0.0.1:${service.server.address().port}`;
    return service;
  }

  /** What a browser gives a page that subscribes. */
  subscription() {
    const text = (bytes) => bytes.toString('base64url');
    return { endpoint: `${this.url}/push/this-browser`, keys: { p256dh: text(this.browser.getPublicKey()), auth: text(this.auth) } };
  }

  opened(body) {
    const [salt, length] = [body.subarray(0, 16), body[20]];
    const theirs = body.subarray(21, 21 + length);
    const record = body.subarray(21 + length);
    const input = sha(this.auth, this.browser.computeSecret(theirs), Buffer.concat([Buffer.from('WebPush: info\0'), this.browser.getPublicKey(), theirs]), 32);
    const open = createDecipheriv('aes-128-gcm', sha(salt, input, 'Content-Encoding: aes128gcm\0', 16), sha(salt, input, 'Content-Encoding: nonce\0', 12));
    open.setAuthTag(record.subarray(-16));
    const plain = Buffer.concat([open.update(record.subarray(0, -16)), open.final()]).toString();
    return plain.slice(0, plain.lastIndexOf('\u0002'));
  }

  word(header) {
    const [, token, key] = /^vapid t=([^,]+), k=(.+)$/.exec(header);
    const [head, claims, mark] = token.split('.');
    const point = Buffer.from(key, 'base64url');
    const jwk = { kty: 'EC', crv: 'P-256', x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') };
    const good = verify('sha256', Buffer.from(`${head}.${claims}`), { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' }, Buffer.from(mark, 'base64url'));
    if (!good) throw new Error('not signed by the key it names');
    return { ...JSON.parse(Buffer.from(claims, 'base64url').toString()), key };
  }

  async until(many, seconds = 60) {
    for (const deadline = Date.now() + seconds * 1000; this.messages.length < many;) {
      if (this.trouble.length > 0) throw new Error(this.trouble.join('; '));
      if (Date.now() > deadline) throw new Error(`${this.messages.length} messages after ${seconds} s, not ${many}`);
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  close() { return new Promise((done) => { this.server.closeAllConnections(); this.server.close(done); }); }
}
