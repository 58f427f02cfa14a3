// A signed-in person's posts in a running demo, planned over plain HTTP as the pages would. Owns the requests; what is measured or
// looked at afterwards is said by whoever needs them.
import assert from 'node:assert/strict';

function found(text, pattern) {
  const match = pattern.exec(text);
  assert.ok(match, `${pattern} is not on the page`);
  return match[1];
}

/** One request with the person's cookie; redirects are told, not followed. */
export function asking({ url, cookie }) {
  return async (path, fields) => {
    const headers = { cookie, accept: 'text/html', 'sec-fetch-site': 'same-origin' };
    const body = fields && new URLSearchParams(fields);
    const answer = await fetch(url + path, { method: body ? 'POST' : 'GET', headers, body, redirect: 'manual' });
    return { status: answer.status, place: answer.headers.get('location') ?? '', text: await answer.text() };
  };
}

/** The path of a new draft of the sample video. */
export async function draft(ask) {
  const start = (await ask('/compose')).text;
  const media = found(start, /name="media"[^>]*value="([0-9a-f-]{36})"/);
  const connection = found(start, /name="connection"[^>]*value="([0-9a-f-]{36})"/);
  return (await ask('/compose', { media, connection })).place;
}

/** Plans so many posts for tomorrow and later, three hours apart. */
export async function plan(ask, posts, caption = (n) => `Post ${n} #bench`) {
  for (let n = 0; n < posts; n += 1) {
    const page = (await ask(await draft(ask))).text;
    const action = found(page, /action="(\/compose\/[0-9a-f-]{36}\/[0-9a-f-]{36})"/);
    const at = new Date(Date.now() + 86_400_000 + n * 10_800_000).toISOString();
    const planned = await ask(action, {
      revision: found(page, /name="revision" value="(\d+)"/), action: 'schedule', caption: caption(n),
      privacy: found(page, /name="privacy"[^>]*value="([A-Z_]+)"/), date: at.slice(0, 10), time: at.slice(11, 16), zone: 'UTC',
    });
    assert.equal(planned.status, 303, `post ${n} is planned: ${planned.text.slice(0, 2000)}`);
  }
}
