// Messages to this browser: asks for permission when somebody presses for it, and never before; then gives the server the address at which the
// browser takes messages. Every word it shows stands in the page.

export {};

const form = document.querySelector<HTMLFormElement>("form[data-push]");
const supported = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window && window.isSecureContext;

function says(what: string): void {
  for (const line of form?.querySelectorAll<HTMLElement>("[data-push-says]") ?? []) line.hidden = line.dataset["pushSays"] !== what;
}

const bytes = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

function same(one: ArrayBuffer | null, other: Uint8Array): boolean {
  const mine = one && new Uint8Array(one);
  return !!mine && mine.length === other.length && mine.every((byte, n) => byte === other[n]);
}

/** Where no worker could be installed, waiting for one never ends. */
const WAIT_MS = 10_000;

async function subscription(key: Uint8Array<ArrayBuffer>): Promise<PushSubscription> {
  const late = new Promise<never>((_, refuse) => setTimeout(() => refuse(new Error("no worker")), WAIT_MS));
  const { pushManager } = await Promise.race([navigator.serviceWorker.ready, late]);
  const before = await pushManager.getSubscription();
  // One that was made for another key takes nothing of ours.
  if (before && !same(before.options.applicationServerKey, key)) await before.unsubscribe();
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

if (form && !supported) {
  says("missing");
  for (const control of form.querySelectorAll<HTMLInputElement | HTMLButtonElement>("input, button")) control.disabled = true;
}

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const pressed = form.querySelector<HTMLButtonElement>("button[type=submit]");
  if (!form.querySelector("input[type=checkbox]:checked")) return form.submit();
  says("");
  if (pressed) pressed.disabled = true;
  try {
    if ((await Notification.requestPermission()) !== "granted") return says("denied");
    const { endpoint, keys } = (await subscription(bytes(form.dataset["push"] ?? ""))).toJSON();
    for (const [name, value] of Object.entries({ endpoint, p256dh: keys?.["p256dh"], auth: keys?.["auth"] })) {
      const field = form.elements.namedItem(name);
      if (field instanceof HTMLInputElement) field.value = value ?? "";
    }
    form.submit();
  } catch {
    says("trouble");
  } finally {
    if (pressed) pressed.disabled = false;
  }
});

// The browser's own half ends with ours, at a press and at signing out; ours ends in any case.
for (const end of document.querySelectorAll<HTMLFormElement>("form[data-push-end], form[action='/sign-out']"))
  end.addEventListener("submit", async (event) => {
    if (!supported) return;
    event.preventDefault();
    const known = await navigator.serviceWorker.getRegistration().catch(() => undefined);
    const before = await known?.pushManager.getSubscription().catch(() => null);
    await before?.unsubscribe().catch(() => false);
    end.submit();
  });
