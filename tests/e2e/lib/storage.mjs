// An S3-compatible storage as a process of its own, and looking into its folder. Owns that process; another project's server does the work.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { folder, Program, root } from './programs.mjs';
import { sha256 } from './judge.mjs';

const server = process.env.MOLOKO_TEST_STORAGE ?? join(root, 'target/debug/examples/storage');

export class Storage {
  static async start() {
    const storage = new Storage();
    storage.program = new Program([], { TMPDIR: folder('storage') }, [], server);
    const said = await storage.program.until((it) => /^FOLDER=.*\n/m.test(it.output) && it.output, 'a storage');
    storage.settings = Object.fromEntries(said.trim().split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
    storage.folder = storage.settings.FOLDER;
    delete storage.settings.FOLDER;
    return storage;
  }

  /** Everything that the server keeps, by path below its folder. */
  #all() {
    return readdirSync(this.folder, { recursive: true, withFileTypes: true }).filter((found) => found.isFile())
      .map((found) => join(found.parentPath, found.name));
  }

  /** The media files that it has, name to SHA-256. */
  whole() { return new Map(this.#all().filter((path) => path.includes('/whole/')).map((path) => [path.split('/').pop(), sha256(path)])); }

  /** Parts of files that were begun and not ended. */
  parts() { return this.#all().filter((path) => /\.upload_id-/.test(path)); }

  /** Whose the storage is. */
  owner() { return this.#all().filter((path) => path.endsWith('/instance')).map((path) => readFileSync(path, 'utf8'))[0]; }

  stop() { return this.program.stop(); }
}
