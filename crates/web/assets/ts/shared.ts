// Files that were shared from another application, between the worker that receives them and the page that uploads them.
// They lie in this browser for a day at most, and go with signing out.

export const SHARED = "shared";
const DAY_MS = 86_400_000;
/** So many files at once; a gallery may offer all it has. */
const MOST = 50;

export async function keep(files: readonly File[]): Promise<void> {
  const cache = await caches.open(SHARED);
  const at = Date.now();
  for (const [n, file] of files.slice(0, MOST).entries()) {
    const headers = { "content-type": file.type || "application/octet-stream", "x-name": encodeURIComponent(file.name), "x-at": String(at) };
    await cache.put(`/share/${at}-${n}`, new Response(file, { headers }));
  }
}

/** All that was shared and not taken yet, in its order; each is given once. */
export async function takeShared(): Promise<File[]> {
  if (!("caches" in globalThis) || !(await caches.has(SHARED))) return [];
  await dropOld();
  const cache = await caches.open(SHARED);
  const files: File[] = [];
  for (const request of await cache.keys()) {
    const kept = await cache.match(request);
    if (!kept) continue;
    const name = decodeURIComponent(kept.headers.get("x-name") ?? "") || "video";
    files.push(new File([await kept.blob()], name, { type: kept.headers.get("content-type") ?? "", lastModified: Number(kept.headers.get("x-at")) }));
    await cache.delete(request);
  }
  return files;
}

export async function dropOld(): Promise<void> {
  if (!(await caches.has(SHARED))) return;
  const cache = await caches.open(SHARED);
  for (const request of await cache.keys()) {
    const kept = await cache.match(request);
    if (Date.now() - Number(kept?.headers.get("x-at")) > DAY_MS) await cache.delete(request);
  }
}
