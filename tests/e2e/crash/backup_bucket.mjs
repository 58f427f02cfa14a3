// A backup of an instance whose files lie at a storage, with PostgreSQL: whoever was erased since stays erased after the restore. Part of `make reliability`.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { copies, database, elsewhere, somebody, well } from '../lib/backups.mjs';
import { canary } from '../lib/canary.mjs';
import { material } from '../lib/crowd.mjs';
import { letGo, postgres } from '../lib/nodes.mjs';
import { Pair } from '../lib/pair.mjs';
import { folder } from '../lib/programs.mjs';
import { Storage } from '../lib/storage.mjs';
import { traces } from '../lib/traces.mjs';

let pair, storage;
after(async () => {
  await pair?.stop();
  await storage?.stop();
  letGo();
});

test('pp_6_6 pp_6_5 with files at a storage whoever was erased after a backup stays erased', { timeout: 300_000 }, async () => {
  postgres('start');
  const server = postgres('url');
  storage = await Storage.start();
  pair = await Pair.start('backup-bucket', { MOLOKO_DATABASE_URL: database(server, 'backup_bucket'), MOLOKO_ERASURE_GRACE_DAYS: '0', ...storage.settings });
  const place = folder('backups-bucket');
  const { person: leaver, texts, all } = await canary(pair, 'canaryhandle44', material().small.path);
  const stayer = await somebody(pair, 'stayinghandle4', material().small.path, 2);
  assert.match(await well(pair, pair.data, {}, 'backup', '--to', place), /2 files lie at .* and are not in it/);
  const [first] = copies(place);
  assert.equal(storage.whole().size, 2);

  const { location } = await leaver.form('/settings/leave', []);
  const receipt = async () => (await fetch(`${pair.url}${location}/receipt.json`)).json();
  await pair.simulator.until('the end of the erasure', async () => (await receipt()).state === 'done', 120);
  await well(pair, pair.data, {}, 'backup', '--to', place, '--marks-only');
  const key = readFileSync(join(pair.data, 'instance.key'));
  await pair.service.stop();
  assert.equal(storage.whole().size, 1);

  // Machine and database are lost; the storage is not.
  const [back, into] = [elsewhere(key), { MOLOKO_DATABASE_URL: database(server, 'backup_bucket_again') }];
  await well(pair, back, into, 'restore', '--from', place, '--name', first);
  [pair.data, pair.settings] = [back, { ...pair.settings, ...into }];
  assert.ok((await traces(pair, back, [texts.publish_id])).length > 0, 'it is an old database');
  await pair.power();
  assert.deepEqual(await traces(pair, back, all), [], 'at the first answer');
  await stayer.signIn('stayinghandle4');
  assert.ok((await stayer.ask('/queue')).text.includes('stayinghandle4 1'), 'somebody else is there');
  assert.equal(storage.whole().size, 1);
  assert.match(await well(pair, back, {}, 'blobs', 'verify'), /0 missing, 0 corrupt/);
});
