// A person without a browser: signs in, uploads and posts through the same forms, with a cookie jar. Quick enough for thousands of
// runs. Owns the walk over HTTP; what must come of it is said by the tests.
import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';

/** The value of an attribute in a tag, unescaped. */
const attribute = (tag, name) => {
  const found = tag.match(new RegExp(`\\s${name}="([^"]*)"`));
  return found && found[1].replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>');
};
const inputs = (html, name) => [...html.matchAll(/<(?:input|option|button)\b[^>]*>/g)].map(([tag]) => tag).filter((tag) => attribute(tag, 'name') === name);

export class HttpPerson {
  #jar = new Map();

  constructor(url) { this.url = url; }

  async ask(path, { method = 'GET', body, ok = [200, 303], headers = {} } = {}) {
    const address = new URL(path, this.url);
    const cookie = [...this.#jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(address, {
      method, body, redirect: 'manual', signal: AbortSignal.timeout(60_000),
      headers: { cookie, ...(method === 'GET' ? {} : { origin: this.url }), 'accept-language': 'en', ...headers },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [pair] = line.split(';');
      const at = pair.indexOf('=');
      this.#jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    const text = await answer.text();
    if (!ok.includes(answer.status)) throw new Error(`${method} ${address.pathname}: ${answer.status} ${text.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ').slice(0, 800)}`);
    return { status: answer.status, text, location: answer.headers.get('location'), headers: answer.headers };
  }

  form(path, fields, ok) { return this.ask(path, { method: 'POST', body: new URLSearchParams(fields), ok: ok ?? [303] }); }

  /** "Continue with TikTok" as the simulated account `username`. */
  async signIn(username) {
    this.username = username;
    const away = await this.form('/connect', [['adult', 'on'], ['next', '/queue'], ['time_zone', 'UTC']]);
    const consent = await (await fetch(away.location)).text();
    const [form] = consent.match(/<form\b[^>]*>/);
    const fields = [['username', username], ['decision', 'allow']];
    for (const name of ['request', 'scope']) for (const tag of inputs(consent, name)) fields.push([name, attribute(tag, 'value')]);
    const allowed = await fetch(new URL(attribute(form, 'action') ?? away.location, away.location), {
      method: 'POST', body: new URLSearchParams(fields), redirect: 'manual',
    });
    const back = allowed.headers.get('location');
    if (!back) throw new Error(`the simulator did not lead back: ${allowed.status} ${await allowed.text()}`);
    await this.ask(back, { ok: [303] });
    return this;
  }

  /** Uploads a file by the plain form; gives its id. */
  async upload(path) {
    const body = new FormData();
    body.append('next', '/compose');
    body.append('file', await openAsBlob(path, { type: 'video/mp4' }), basename(path));
    // A form's length is declared, as browsers do it.
    const whole = new Response(body);
    const bytes = Buffer.from(await whole.arrayBuffer());
    await this.ask('/library', { method: 'POST', body: bytes, headers: { 'content-type': whole.headers.get('content-type') }, ok: [303] });
    const page = await this.ask('/compose');
    return attribute(inputs(page.text, 'media')[0], 'value');
  }

  /** Begins a post of an uploaded file on every connected account; gives the address of its page. */
  async begin(media) {
    const page = await this.ask('/compose');
    const fields = [['media', media], ...inputs(page.text, 'connection').map((tag) => ['connection', attribute(tag, 'value')])];
    return (await this.form('/compose', fields)).location;
  }

  /** Begins a draft of an uploaded file; gives its page's form. */
  async draft(media) {
    const page = await this.ask(await this.begin(media));
    const form = page.text.match(/action="(\/compose\/[^"/]+\/[^"/]+)"/)[1];
    return { form, page: form.slice(0, form.lastIndexOf('/')), id: form.split('/').pop() };
  }

  /** Writes the caption and presses the button of a draft: `now`, or `schedule` with an instant. */
  async press(draft, caption, action = 'now', at = undefined) {
    const page = await this.ask(draft.page);
    const fields = [['revision', attribute(inputs(page.text, 'revision')[0], 'value')], ['caption', caption],
      ['privacy', 'PUBLIC_TO_EVERYONE'], ['action', action], ['zone', 'UTC']];
    if (at) {
      const iso = new Date(at).toISOString();
      fields.push(['date', iso.slice(0, 10)], ['time', iso.slice(11, 16)]);
    }
    await this.form(draft.form, fields);
  }

  /** The state that a post's page shows, as the page's own mark names it. */
  async stateOf(id) {
    let { status, text } = await this.ask(`/posts/${id}`);
    // A session may have run out, by a clock that jumped for example.
    if (status === 303) {
      await this.signIn(this.username);
      ({ text } = await this.ask(`/posts/${id}`));
    }
    return text.match(/class="pill" data-s="([a-z-]+)"/)?.[1] ?? 'unreadable';
  }
}
