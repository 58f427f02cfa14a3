// Several simulated accounts with one person each, a small and a two-chunk file, and posts of them at once. Owns the material that
// the tests of trouble send; knows nothing of the trouble.
import { HttpPerson } from './http_person.mjs';
import { sha256 } from './judge.mjs';
import { folder } from './programs.mjs';
import { grow, mp4 } from './video.mjs';

/** Just over the size from which a file travels in two chunks. */
const TWO_CHUNKS = 15_100_000;

let files;
/** The files, made once for a run. */
export function material() {
  if (!files) {
    const place = folder('crowd');
    const small = mp4(place, 'small.mp4', 2);
    const large = grow(mp4(place, 'large.mp4', 2), TWO_CHUNKS);
    files = { small: { path: small, sha256: sha256(small) }, large: { path: large, sha256: sha256(large) } };
  }
  return files;
}

/** Signs in `count` people, each with an account and the files. `urls` are the service's addresses, used in turn. */
export async function crowd(simulator, urls, count, kinds = ['small', 'large']) {
  const made = material();
  const people = [];
  for (let index = 1; index <= count; index += 1) {
    const name = `crowd${index}`;
    await simulator.ask('POST', 'users', { username: name, nickname: `Crowd ${index}`, daily_post_cap: 1_000_000 });
    const person = await new HttpPerson(urls[index % urls.length]).signIn(name);
    person.media = {};
    for (const kind of kinds) person.media[kind] = await person.upload(made[kind].path);
    people.push(person);
  }
  return people;
}

/** Drafts of these kinds for these people, ready for the button. */
export async function drafts(people, kinds, label) {
  const made = material();
  return Promise.all(people.flatMap((person) => kinds.map(async (kind) => {
    const draft = await person.draft(person.media[kind]);
    return { id: draft.id, draft, caption: `${label} ${person.username} ${kind}`, person, sha256: made[kind].sha256 };
  })));
}

/**
 * Presses the button of each draft at once. A press whose answer was lost is looked at as a person would: when the page still shows a
 * draft, it is pressed again; `up()` waits until there is a page.
 */
export async function pressAll(posts, { action = 'now', at = undefined, up = undefined } = {}) {
  await Promise.all(posts.map(async (post) => {
    post.notBefore = at ?? Date.now();
    for (let tries = 0; ; tries += 1) {
      try {
        return await post.person.press(post.draft, post.caption, action, at);
      } catch (error) {
        if (!up || tries === 60) throw error;
        await up();
        const state = await post.person.stateOf(post.id).catch(() => 'unreadable');
        if (!['draft', 'unreadable'].includes(state)) return undefined;
      }
    }
  }));
  return posts;
}

/** Drafts and presses in one. */
export async function postAll(people, kinds, label, wishes = {}) {
  return pressAll(await drafts(people, kinds, label), wishes);
}
