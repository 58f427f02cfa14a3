// Somebody whose every field is a text that is nowhere else in the world: what they are called, wrote, searched and were sent by. Knows all of these texts, so that
// they can be looked for afterwards. Owns what is planted where; what must come of it is said by the tests.
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HttpPerson } from './http_person.mjs';
import { folder } from './programs.mjs';

/** A film of this name with a text in its bytes, in a box that players skip. */
export function marked(film, name, text = name) {
  const path = join(folder('marked'), `${name}.mp4`);
  copyFileSync(film, path);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + text.length);
  head.write('free', 4);
  writeFileSync(path, Buffer.concat([head, Buffer.from(text)]), { flag: 'a' });
  return path;
}

/** Makes the person `handle` and plants; `texts` says by kind what was planted. */
export async function canary(pair, handle, film) {
  const texts = {
    handle, nickname: `Nickname-${handle}`, name: `Name-${handle}`, file: `film-${handle}`, bytes: `bytes-${handle}`, caption: `caption-${handle}`,
    planned: `planned-${handle}`, request: `request-${handle}`, snippet: `snippet-${handle}`, words: `words-${handle}`, tag: `tag-${handle}`.slice(0, 30),
    search: `search-${handle}`, browser: `browser-${handle}`, address: `address-${handle}`,
  };
  await pair.simulator.ask('POST', 'users', { username: handle, nickname: texts.nickname, daily_post_cap: 1_000 });
  const person = await new HttpPerson(pair.url).signIn(handle);
  const media = await person.upload(marked(film, texts.file, texts.bytes));
  await person.press(await person.draft(media), texts.planned, 'schedule', Date.now() + 3_600_000);
  await person.press(await person.draft(media), texts.caption, 'now');
  await person.form('/help/requests', [['kind', 'question'], ['text', texts.request]]);
  await person.form('/snippets', [['kind', 'template'], ['name', texts.snippet], ['words', texts.words]]);
  await person.form(`/library/${media}/tags`, [['tags', texts.tag]]);
  await person.form('/your-data/name', [['name', texts.name]]);
  await person.ask(`/library?q=${texts.search}`, { headers: { 'user-agent': `Mozilla/5.0 ${texts.browser}`, referer: `${pair.url}/?${texts.address}` } });
  const publishId = async () => (await pair.simulator.posts()).find((post) => post.caption === texts.caption)?.publish_id;
  await pair.simulator.until('the post', publishId, 60);
  texts.publish_id = await publishId();
  return { person, texts, all: Object.values(texts) };
}
