// On PostgreSQL every request of somebody signed in runs behind row policies. Nothing that people do may need what lies beyond them, and
// taking a right away from the requests' role shows that they really run under it.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { material } from '../lib/crowd.mjs';
import { HttpPerson } from '../lib/http_person.mjs';
import { letGo, postgres, sql } from '../lib/nodes.mjs';
import { Pair } from '../lib/pair.mjs';

let pair, server;
after(async () => {
  await pair?.stop();
  if (server) letGo();
});

test('pp_4_5 a whole life behind the second wall of PostgreSQL', { timeout: 240_000 }, async () => {
  postgres('start');
  server = postgres('url');
  sql(server, 'CREATE DATABASE second_wall');
  const database = server.replace(/\/postgres$/, '/second_wall');
  pair = await Pair.start('wall', { MOLOKO_ERASURE_GRACE_DAYS: '0', MOLOKO_DATABASE_URL: database });
  assert.ok(Number(sql(database, "SELECT count(*) FROM pg_policies WHERE policyname = 'wall_1'")) >= 15);

  const somebody = async (username) => {
    await pair.simulator.ask('POST', 'users', { username, nickname: `The ${username}`, daily_post_cap: 100 });
    const person = await new HttpPerson(pair.url).signIn(username);
    const media = await person.upload(material().small.path);
    await person.press(await person.draft(media), `out by ${username}`, 'now');
    await pair.simulator.until('the post', async (sim) => (await sim.posts()).some((post) => post.caption === `out by ${username}`), 60);
    const later = await person.draft(media);
    await person.press(later, `later by ${username}`, 'schedule', Date.now() + 86_400_000);
    return { person, later };
  };
  const [first, second] = [await somebody('walledone'), await somebody('walledtwo')];
  for (const { person } of [first, second]) {
    for (const path of ['/queue', '/history', '/library', '/connections', '/settings', '/your-data', '/compose']) await person.ask(path);
  }
  await second.person.ask(`/posts/${first.later.id}`, { ok: [404] });
  assert.ok(!(await second.person.ask('/queue')).text.includes('walledone'));

  sql(database, 'REVOKE SELECT ON post FROM moloko_tenant');
  await first.person.ask('/queue', { ok: [500] });
  sql(database, 'GRANT SELECT ON post TO moloko_tenant');
  await first.person.ask('/queue');

  const { location } = await first.person.form('/settings/leave', []);
  const receipt = async () => (await fetch(`${pair.url}${location}/receipt.json`)).json();
  await pair.simulator.until('the end of the erasure', async () => (await receipt()).state === 'done', 60);
  assert.equal((await receipt()).erased.posts, 2);
  assert.ok((await second.person.ask('/queue')).text.includes('later by walledtwo'));
});
