// Installs the worker, where the browser has such a thing and the connection is safe, and keeps its page in step with this one's looks.
const html = document.documentElement;
const look = `${html.lang} ${html.dataset["theme"] ?? ""}`;

async function install(): Promise<void> {
  const { active } = await navigator.serviceWorker.register("/worker.js");
  if (localStorage.getItem("look") === look) return;
  active?.postMessage("look");
  localStorage.setItem("look", look);
}

if ("serviceWorker" in navigator && window.isSecureContext) void install().catch(() => undefined);
