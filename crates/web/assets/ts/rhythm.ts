// The week of an account: slots are dragged, moved by arrow keys, and added where somebody clicks. It only changes the form's boxes;
// saving is the form's own, and the boxes work without a script.
const QUARTER = 15;
const NEAR_PX = 6;
const WEEK = 7 * 24 * 60;

const table = document.querySelector<HTMLTableElement>("#week-table");
const words = document.getElementById("week-say");
const two = (n: number): string => String(n).padStart(2, "0");

/** Minutes of the week of a box's value, `D-HH:MM`. */
function minutes(value: string): number {
  return (Number(value[0]) - 1) * 1440 + Number(value.slice(2, 4)) * 60 + Number(value.slice(5, 7));
}

function said(what: string, box: HTMLInputElement): void {
  if (words && table) words.textContent = `${table.dataset[what] ?? ""} ${box.getAttribute("aria-label") ?? ""}`;
}

function boxAt(value: string): HTMLInputElement | null {
  return table?.querySelector<HTMLInputElement>(`input[value="${value}"]`) ?? null;
}

/** The value of a box for a minute of the week, `D-HH:MM`. */
function valueOf(of: number): string {
  return `${Math.floor(of / 1440) + 1}-${two(Math.floor((of % 1440) / 60))}:${two(of % 60)}`;
}

/** Puts a slot where its time belongs; past others that stand there already, by steps in the same direction. */
function place(slot: HTMLElement, at: number, step = QUARTER): void {
  const box = slot.querySelector("input");
  if (!table || !box) return;
  let of = (at + WEEK) % WEEK;
  for (let tries = WEEK / QUARTER; tries > 0; tries -= 1) {
    const met = boxAt(valueOf(of));
    if (!met || met === box) break;
    of = (of + step + WEEK) % WEEK;
  }
  const met = boxAt(valueOf(of));
  if (met && met !== box) return;
  const [day, hour] = [Math.floor(of / 1440) + 1, Math.floor((of % 1440) / 60)];
  box.value = valueOf(of);
  const clock = box.value.slice(2);
  box.checked = true;
  const name = table.querySelectorAll<HTMLElement>("thead th")[day - 1]?.dataset["name"] ?? "";
  box.setAttribute("aria-label", `${name} ${clock}`);
  const label = slot.querySelector("span");
  if (label) label.textContent = clock;
  const cell = table.querySelector<HTMLElement>(`td[data-day="${day}"][data-hour="${hour}"]`);
  const after = [...(cell?.querySelectorAll("input") ?? [])].find((other) => other !== box && minutes(other.value) > of);
  const held = document.activeElement === box;
  cell?.insertBefore(slot, after?.closest(".slot") ?? null);
  // A node that is moved loses the focus.
  if (held) box.focus();
}

function add(cell: HTMLElement): void {
  const value = `${cell.dataset["day"] ?? ""}-${two(Number(cell.dataset["hour"]))}:00`;
  if (boxAt(value)) return;
  const slot = document.createElement("label");
  slot.className = "slot";
  const box = document.createElement("input");
  box.type = "checkbox";
  box.name = "slot";
  const clock = document.createElement("span");
  clock.setAttribute("aria-hidden", "true");
  slot.append(box, clock);
  place(slot, minutes(value));
  box.focus();
  said("textAdded", box);
}

const STEPS: Record<string, number> = { ArrowLeft: -1440, ArrowRight: 1440, ArrowUp: -QUARTER, ArrowDown: QUARTER };
table?.addEventListener("keydown", (event) => {
  const box = event.target;
  if (!(box instanceof HTMLInputElement)) return;
  const slot = box.closest<HTMLElement>(".slot");
  const step = STEPS[event.key];
  if (slot && step !== undefined) {
    event.preventDefault();
    place(slot, minutes(box.value) + step, step);
    said("textMoved", box);
  }
});
table?.addEventListener("change", (event) => {
  if (event.target instanceof HTMLInputElement) said(event.target.checked ? "textAdded" : "textRemoved", event.target);
});

let drag: { slot: HTMLElement; pointer: number; x: number; y: number; far: boolean } | null = null;
let over: HTMLElement | null = null;
function mark(cell: HTMLElement | null): void {
  over?.classList.remove("over");
  cell?.classList.add("over");
  over = cell;
}
table?.addEventListener("pointerdown", (event) => {
  const slot = event.target instanceof Element ? event.target.closest<HTMLElement>(".slot") : null;
  if (slot && event.button === 0) drag = { slot, pointer: event.pointerId, x: event.clientX, y: event.clientY, far: false };
});
document.addEventListener("pointermove", (event) => {
  if (drag?.pointer !== event.pointerId) return;
  drag.far ||= Math.hypot(event.clientX - drag.x, event.clientY - drag.y) > NEAR_PX;
  if (!drag.far) return;
  drag.slot.classList.add("lifted");
  mark(document.elementFromPoint(event.clientX, event.clientY)?.closest<HTMLElement>("td[data-hour]") ?? null);
});
function end(): void {
  drag?.slot.classList.remove("lifted");
  mark(null);
  drag = null;
}
document.addEventListener("pointerup", (event) => {
  if (drag?.pointer !== event.pointerId) return;
  const [{ slot, far }, cell] = [drag, over];
  end();
  if (!far) return;
  // The click that ends a drag ticks nothing.
  const swallow = (click: Event): void => click.preventDefault();
  document.addEventListener("click", swallow, { capture: true, once: true });
  window.setTimeout(() => document.removeEventListener("click", swallow, { capture: true }), 0);
  const box = slot.querySelector("input");
  if (!cell || !box) return;
  place(slot, (Number(cell.dataset["day"]) - 1) * 1440 + Number(cell.dataset["hour"]) * 60 + (minutes(box.value) % 60));
  said("textMoved", box);
});
document.addEventListener("pointercancel", end);
table?.addEventListener("click", (event) => {
  const cell = event.target instanceof HTMLElement && event.target.matches("td[data-hour]") ? event.target : null;
  if (cell && !event.defaultPrevented) add(cell);
});
