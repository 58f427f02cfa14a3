// Files that were shared from another application, between the worker that receives them and the page that uploads them.
// They lie in this browser until they are uploaded or thrown away, for a day at most, and go with signing out.

export const SHARED = "shared";
const DAY_MS = 86_400_000;
/** So many files at once; a gallery may offer all it has. */
const MOST = 50;

export interface Shared {
  readonly file: File;
  /** Forgets it. */
  drop(): Promise<void>;
}

/** Keeps all of them or none. */
export async function keep(files: readonly File[]): Promise<void> {
  const cache = await caches.open(SHARED);
  const at = Date.now();
  const put: string[] = [];
  try {
    for (const [n, file] of files.slice(0, MOST).entries()) {
      const headers = { "content-type": file.type || "application/octet-stream", "x-name": encodeURIComponent(file.name), "x-at": String(at) };
      const address = `/share/${at}-${n}`;
      put.push(address);
      await cache.put(address, new Response(file, { headers }));
    }
  } catch (error) {
    for (const address of put) await cache.delete(address);
    throw error;
  }
}

/** All that waits, in its order. */
export async function shared(): Promise<Shared[]> {
  if (!("caches" in globalThis) || !(await caches.has(SHARED))) return [];
  await dropOld();
  const cache = await caches.open(SHARED);
  const all: Shared[] = [];
  for (const request of await cache.keys()) {
    const kept = await cache.match(request);
    if (!kept) continue;
    const name = decodeURIComponent(kept.headers.get("x-name") ?? "") || "video";
    const lastModified = Number(kept.headers.get("x-at"));
    const file = new File([await kept.blob()], name, { type: kept.headers.get("content-type") ?? "", lastModified });
    all.push({ file, drop: async () => void (await cache.delete(request)) });
  }
  return all;
}

export async function dropOld(): Promise<void> {
  if (!(await caches.has(SHARED))) return;
  const cache = await caches.open(SHARED);
  for (const request of await cache.keys()) {
    const kept = await cache.match(request);
    if (Date.now() - Number(kept?.headers.get("x-at")) > DAY_MS) await cache.delete(request);
  }
}
