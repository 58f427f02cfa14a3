// One listener per kind of event on the document, so that fragments swapped in later need no wiring.

const byId = (id: string | undefined): HTMLElement | null => (id ? document.getElementById(id) : null);

/** Says a sentence to screen readers and shows it for a few seconds; the style sheet fades it out. */
function say(text: string): void {
  const region = byId("toasts");
  if (!region) return;
  const toast = document.createElement("span");
  toast.className = "toast";
  toast.textContent = text;
  region.append(toast);
}

// [data-copy] copies its value, [data-copy-from] what stands in a field; [data-opens] opens a dialog; [data-closes] closes the one it stands in.
document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-copy],[data-copy-from],[data-opens],[data-closes]") : null;
  if (!target) return;
  const { copyFrom, opens, said } = target.dataset;
  const field = byId(copyFrom);
  const copy = field instanceof HTMLTextAreaElement ? field.value : target.dataset["copy"];
  if (copy !== undefined) {
    navigator.clipboard.writeText(copy).then(() => said && say(said), () => undefined);
  } else if (opens !== undefined) {
    const dialog = byId(opens);
    if (dialog instanceof HTMLDialogElement) {
      event.preventDefault();
      dialog.showModal();
    }
  } else {
    const dialog = target.closest("dialog");
    if (dialog) {
      event.preventDefault();
      dialog.close();
    }
  }
});

// A list of radio buttons closes after a pick by pointer, and on Escape; arrow keys keep it open.
document.addEventListener("keydown", (event) => {
  const list = event.key === "Escape" && document.activeElement?.closest<HTMLDetailsElement>(".listbox[open]");
  if (list) closeList(list);
});
// The arrow that opens a native list goes into this one, too.
document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const summary = document.activeElement?.closest<HTMLElement>(".listbox > summary");
  const list = summary?.parentElement;
  if (!(list instanceof HTMLDetailsElement)) return;
  event.preventDefault();
  list.open = true;
  const options = [...list.querySelectorAll<HTMLInputElement>('input[type="radio"]:enabled')];
  (options.find((option) => option.checked) ?? options[0])?.focus();
});
/** Whoever went on to another field while the list was closing keeps the focus there. */
function closeList(list: HTMLDetailsElement): void {
  const within = list.contains(document.activeElement) || document.activeElement === document.body;
  list.open = false;
  if (within) list.querySelector("summary")?.focus();
}
document.addEventListener("pointerup", (event) => {
  const option = event.target instanceof Element ? event.target.closest(".option") : null;
  for (const list of document.querySelectorAll<HTMLDetailsElement>(".listbox[open]")) {
    if (!(event.target instanceof Node && list.contains(event.target))) list.open = false;
    else if (option && !option.querySelector(":disabled")) setTimeout(closeList, 120, list);
  }
});

// Failures inside htmx must be seen by whoever watches the console, since its own messages are left out of the bundle.
document.addEventListener("htmx:error", (event) => reportError((event as CustomEvent<{ error?: unknown }>).detail.error ?? event.type));

// textarea[data-counter]: live length in UTF-16 code units, the unit the limit is written in (JavaScript's own).
function count(area: HTMLTextAreaElement): void {
  const counter = byId(area.dataset["counter"]);
  if (!counter) return;
  const limit = Number(area.dataset["limit"]);
  counter.textContent = `${area.value.length} / ${limit}`;
  counter.classList.toggle("over", area.value.length > limit);
}
document.addEventListener("input", (event) => {
  if (event.target instanceof HTMLTextAreaElement && event.target.dataset["counter"]) count(event.target);
});

// time[data-relative]: "in 5 minutes" stays true while the page is open.
const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
function refresh(): void {
  for (const time of document.querySelectorAll<HTMLTimeElement>("time[data-relative]")) {
    const seconds = Math.round((Date.parse(time.dateTime) - Date.now()) / 1000);
    const step = STEPS.find(([, size]) => Math.abs(seconds) >= size);
    if (step && !Number.isNaN(seconds)) time.textContent = relative.format(Math.round(seconds / step[1]), step[0]);
  }
}
setInterval(refresh, 15_000);

document.querySelectorAll<HTMLTextAreaElement>("textarea[data-counter]").forEach(count);

// input[data-zone]: the browser's time zone goes along with the form it stands in.
const zone = document.querySelector<HTMLInputElement>("[data-zone]");
if (zone) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
