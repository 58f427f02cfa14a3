// Single keys: what each does stands in the page's own list. They rest while somebody types, in dialogs, and when they are switched off.

const OFF = "moloko-keys-off";
const list = document.querySelector<HTMLDialogElement>("dialog#keys");

function isOff(): boolean {
  try {
    return localStorage.getItem(OFF) !== null;
  } catch {
    return false;
  }
}

/** The character, also on a keyboard that is switched to another script: there the place of the key counts. */
function keyOf(event: KeyboardEvent): string {
  if (/^[ -~]$/.test(event.key)) return event.key.toLowerCase();
  if (event.code === "BracketLeft") return "[";
  if (event.code === "BracketRight") return "]";
  return /^Key[A-Z]$/.test(event.code) ? event.code.slice(3).toLowerCase() : event.key;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input:not([type=checkbox],[type=radio]),textarea,select,[contenteditable],.lifted") !== null;
}

function walk(selector: string, by: 1 | -1): void {
  const all = [...document.querySelectorAll<HTMLElement>(selector)].filter((one) => one.checkVisibility());
  const here = all.findIndex((one) => one === document.activeElement);
  const next = all[here === -1 && by === -1 ? all.length - 1 : here + by];
  next?.focus();
  next?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function act(entry: HTMLElement): void {
  const what = entry.dataset["what"];
  if (what === undefined) {
    entry.click();
    return;
  }
  const found = document.querySelector<HTMLElement>(what);
  switch (entry.dataset["does"]) {
    case "focus": return found?.focus();
    case "press": return found?.click();
    case "next": return walk(what, 1);
    case "previous": return walk(what, -1);
  }
}

if (list) {
  document.querySelector<HTMLElement>("[data-keys-open]")?.removeAttribute("hidden");
  const on = list.querySelector<HTMLInputElement>("[data-keys-on]");
  if (on) on.checked = !isOff();
  on?.addEventListener("change", () => {
    try {
      if (on.checked) localStorage.removeItem(OFF);
      else localStorage.setItem(OFF, "1");
    } catch {
      // A browser that keeps nothing: the keys stay as they are on the next page.
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented || on?.checked === false) return;
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    const key = keyOf(event);
    const entry = [...list.querySelectorAll<HTMLElement>("[data-key]")].find((one) => one.dataset["key"] === key);
    if (key === "?") list.showModal();
    else if (entry) act(entry);
    else return;
    event.preventDefault();
  });
}
