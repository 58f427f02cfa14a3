// Files and words that were shared from another application, between the worker that receives them and the pages that take them.
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

const WORDS = "/share/words";
/** More than any caption holds. */
const WORDS_MOST = 4_000;

/** Title, text and address as one text, each once: applications put them wherever they like. */
export function joined(title: string, text: string, address: string): string {
  const parts = text.trim() === "" ? [title.trim()] : [text.trim()];
  if (address.trim() !== "" && !parts[0]?.includes(address.trim())) parts.push(address.trim());
  return parts.filter((part) => part !== "").join("\n").slice(0, WORDS_MOST);
}

/** Keeps all of them or none; words take the place of earlier ones. */
export async function keep(files: readonly File[], words = ""): Promise<void> {
  const cache = await caches.open(SHARED);
  const at = Date.now();
  if (words !== "") await cache.put(WORDS, new Response(words, { headers: { "x-at": String(at) } }));
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
    if (!kept || request.url.endsWith(WORDS)) continue;
    const name = decodeURIComponent(kept.headers.get("x-name") ?? "") || "video";
    const lastModified = Number(kept.headers.get("x-at"));
    const file = new File([await kept.blob()], name, { type: kept.headers.get("content-type") ?? "", lastModified });
    all.push({ file, drop: async () => void (await cache.delete(request)) });
  }
  return all;
}

/** Words that wait, for whoever takes them: they are forgotten then. */
export async function sharedWords(): Promise<{ readonly text: string; drop(): Promise<void> } | undefined> {
  if (!("caches" in globalThis) || !(await caches.has(SHARED))) return undefined;
  await dropOld();
  const cache = await caches.open(SHARED);
  const text = await (await cache.match(WORDS))?.text();
  return text ? { text, drop: async () => void (await cache.delete(WORDS)) } : undefined;
}

export async function dropOld(): Promise<void> {
  if (!(await caches.has(SHARED))) return;
  const cache = await caches.open(SHARED);
  for (const request of await cache.keys()) {
    const kept = await cache.match(request);
    if (Date.now() - Number(kept?.headers.get("x-at")) > DAY_MS) await cache.delete(request);
  }
}
