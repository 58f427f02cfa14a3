// Worker of the installed application: a page for when there is no connection, and files that are shared from a gallery.
// Keeps nothing that belongs to a person but a shared file and shared words, and those only until they are taken or thrown away, for a day at most.
import { dropOld, joined, keep, SHARED } from "./gallery";

declare const self: ServiceWorkerGlobalScope;
/** Addresses of everything the page without a connection needs; told by the bundler. */
declare const SHELL: readonly string[];
/** Changes with any of them. */
declare const SHELL_VERSION: string;
/** Pictures for messages. */
declare const ICON: string;
declare const BADGE: string;

const CACHE = `shell-${SHELL_VERSION}`;
const OFFLINE = "/offline";

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      await cache.addAll([...SHELL, OFFLINE]);
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name !== CACHE && name !== SHARED) await caches.delete(name);
      await dropOld();
      await self.clients.claim();
    })(),
  );
});

/** The page without a connection speaks the language, and has the colours, of whoever used the pages last. */
async function follow(look: { lang: string; theme: string }): Promise<void> {
  const cache = await caches.open(CACHE);
  const kept = await (await cache.match(OFFLINE, { ignoreVary: true }))?.text();
  const theme = look.theme === "" ? "" : ` data-theme="${look.theme}"`;
  if (!kept?.includes(`<html lang="${look.lang}"${theme}>`)) await cache.add(OFFLINE);
}

self.addEventListener("message", (event) => {
  event.waitUntil(follow(event.data).catch(() => undefined));
});

async function page(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const offline = await caches.match(OFFLINE, { cacheName: CACHE, ignoreVary: true });
    if (!offline) throw error;
    return offline;
  }
}

async function share(request: Request): Promise<Response> {
  try {
    const form = await request.formData();
    const word = (name: string): string => {
      const value = form.get(name);
      return typeof value === "string" ? value : "";
    };
    await keep(form.getAll("media").filter((part): part is File => part instanceof File && part.size > 0), joined(word("title"), word("text"), word("url")));
    return Response.redirect("/compose", 303);
  } catch {
    // No room, or a file that cannot be read: the page says where to choose it instead.
    return Response.redirect("/share", 303);
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === "POST" && url.pathname === "/share") {
    // A form of another site is the server's to refuse; one that hides where it comes from waits on the page for a press, like every file.
    if (!request.referrer || new URL(request.referrer).origin === self.location.origin) event.respondWith(share(request));
  } else if (request.method === "GET" && request.mode === "navigate") {
    event.respondWith(page(request));
    event.waitUntil(dropOld());
  } else if (SHELL.includes(url.pathname)) {
    event.respondWith(caches.match(request, { cacheName: CACHE, ignoreVary: true }).then((known) => known ?? fetch(request)));
  }
});

interface Message {
  title: string;
  body: string;
  lang: string;
  path: string;
  tag: string;
  urgent: boolean;
}

/** A message of ours is sealed for this browser, so what opens was written by our server. */
self.addEventListener("push", (event) => {
  const read = (): Message | undefined => {
    try {
      return event.data?.json() as Message;
    } catch {
      return undefined;
    }
  };
  // A browser takes it badly when a message shows nothing.
  const { title, ...rest } = read() ?? { title: "MOLOKO.VIDEO", body: "", lang: "", path: "/queue", tag: "unread", urgent: false };
  // What needs somebody is heard again when it takes the place of an earlier message. Not every type library knows that yet.
  const again: NotificationOptions & { renotify: boolean } = { renotify: rest.urgent === true };
  event.waitUntil(self.registration.showNotification(title, { ...again, body: rest.body, lang: rest.lang, tag: rest.tag, data: rest.path, icon: ICON, badge: BADGE }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const place = new URL(String(event.notification.data), self.location.origin);
  if (place.origin !== self.location.origin) return;
  event.waitUntil(
    (async () => {
      const open = await self.clients.matchAll({ type: "window" });
      const there = open.find((it) => new URL(it.url).pathname === place.pathname);
      await (there ? there.focus() : self.clients.openWindow(place.href));
    })(),
  );
});

/** The browser has another address now; what it is told of stays as it was chosen. */
self.addEventListener("pushsubscriptionchange", (raw) => {
  const event = raw as ExtendableEvent & { oldSubscription?: PushSubscription; newSubscription?: PushSubscription };
  event.waitUntil(
    (async () => {
      const key = event.oldSubscription?.options.applicationServerKey;
      const fresh = event.newSubscription ?? (key && (await self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })));
      if (!fresh) return;
      const { endpoint, keys } = fresh.toJSON();
      const body = new URLSearchParams({ renew: "on", endpoint: endpoint ?? "", p256dh: keys?.["p256dh"] ?? "", auth: keys?.["auth"] ?? "" });
      await fetch("/settings/push", { method: "POST", body, redirect: "manual" });
    })().catch(() => undefined),
  );
});
