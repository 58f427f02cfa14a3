// Installs the worker for whoever is signed in, where the browser has such a thing and the connection is safe, and tells it how pages
// look now. A page that anybody may read keeps nothing in anybody's browser.
async function install(): Promise<void> {
  await navigator.serviceWorker.register("/worker.js");
  const { active } = await navigator.serviceWorker.ready;
  const { lang, dataset } = document.documentElement;
  active?.postMessage({ lang, theme: dataset["theme"] ?? "" });
}

if (document.querySelector(".app") && "serviceWorker" in navigator && window.isSecureContext) void install().catch(() => undefined);
