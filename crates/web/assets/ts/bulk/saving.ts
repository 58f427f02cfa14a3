// Saves each row a moment after its last change; one request a row at a time, the newest values win.
import { cellIn, control, grid, read, rowOf, say, words, write } from "./page";

const QUIET_MS = 700;
const AGAIN_MS = 5_000;

interface State {
  timer: number;
  running: Promise<void> | null;
  again: boolean;
  stopped: boolean;
}

const states = new WeakMap<HTMLTableRowElement, State>();

function stateOf(row: HTMLTableRowElement): State {
  const known = states.get(row) ?? { timer: 0, running: null, again: false, stopped: false };
  states.set(row, known);
  return known;
}

function formOf(row: HTMLTableRowElement): HTMLFormElement | null {
  return row.querySelector("form");
}

function typed(row: HTMLTableRowElement, form: HTMLFormElement): URLSearchParams {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") body.append(name, value);
  if (row.querySelector<HTMLInputElement>(".tick input[name=post]")?.checked) body.append("ticked", "on");
  return body;
}

interface Saved {
  revision: number;
  problems: string;
  row: string | null;
}

function isSaved(answer: unknown): answer is Saved {
  return typeof answer === "object" && answer !== null && "revision" in answer && "problems" in answer && "row" in answer;
}

/** What goes along to another account when it was typed while the row was on its way; choices are made anew. */
const CARRIED = ["caption", "date", "time"];

/** The row of another account takes the place of this one; whoever was in a cell of it is there again. */
function replace(row: HTMLTableRowElement, html: string): void {
  const state = stateOf(row);
  const typedOn = state.timer !== 0 || state.again;
  window.clearTimeout(state.timer);
  state.timer = 0;
  // Its draft is gone: nothing of it is sent any more.
  state.stopped = true;
  const template = document.createElement("template");
  // The answer is our own markup under our own policy: no script runs from it.
  template.innerHTML = html;
  const next = template.content.firstElementChild;
  if (!(next instanceof HTMLTableRowElement)) return;
  const held = row.contains(document.activeElement) ? document.activeElement?.closest<HTMLElement>("[data-col]")?.dataset["col"] : undefined;
  row.replaceWith(next);
  for (const col of typedOn ? CARRIED : []) {
    const [was, is] = [cellIn(row, col), cellIn(next, col)];
    if (was && is && read(was) !== read(is)) write(is, read(was));
  }
  next.dispatchEvent(new CustomEvent("bulk:row", { bubbles: true }));
  if (held !== undefined) control(cellIn(next, held))?.focus();
}

function took(row: HTMLTableRowElement, form: HTMLFormElement, answer: Saved): void {
  const revision = form.querySelector<HTMLInputElement>("input[name=revision]");
  if (revision) revision.value = String(answer.revision);
  const told = row.querySelector("[data-problems]");
  if (told) told.innerHTML = answer.problems;
  // What was typed meanwhile waits for its own turn.
  if (stateOf(row).timer === 0 && !stateOf(row).again) row.classList.remove("unsaved");
  if (answer.row !== null) replace(row, answer.row);
}

async function send(row: HTMLTableRowElement): Promise<void> {
  const [state, form] = [stateOf(row), formOf(row)];
  if (!form || state.stopped) return;
  const answer = await fetch(form.action, { method: "POST", body: typed(row, form), headers: { accept: "application/json" } }).catch(() => null);
  if (answer?.ok) {
    const saved: unknown = await answer.json();
    if (isSaved(saved)) took(row, form, saved);
  } else if (answer?.status === 409) {
    // Another window was quicker: nothing of it is overwritten.
    state.stopped = true;
    row.classList.add("conflict");
    say(words("textConflict"));
  } else {
    say(words("textUnsaved"));
    if (answer === null || answer.status >= 500) state.timer = window.setTimeout(() => void save(row), AGAIN_MS);
  }
}

/** Saves a row now; done when its newest values are there. */
export async function save(row: HTMLTableRowElement): Promise<void> {
  const state = stateOf(row);
  window.clearTimeout(state.timer);
  state.timer = 0;
  if (state.running) {
    state.again = true;
    return state.running;
  }
  const run = async (): Promise<void> => {
    do {
      state.again = false;
      await send(row);
    } while (state.again && !state.stopped);
  };
  state.running = run();
  await state.running;
  state.running = null;
}

function changed(row: HTMLTableRowElement): void {
  const state = stateOf(row);
  if (state.stopped) return;
  row.classList.add("unsaved");
  window.clearTimeout(state.timer);
  state.timer = window.setTimeout(() => void save(row), QUIET_MS);
}

function waiting(): HTMLTableRowElement[] {
  return [...(grid?.querySelectorAll<HTMLTableRowElement>("tr.unsaved") ?? [])].filter((row) => !stateOf(row).stopped);
}

/** Everything that waits is saved before the ticked rows are used. */
function saveFirst(form: HTMLFormElement): void {
  let ready = false;
  form.addEventListener("submit", (event) => {
    if (ready || waiting().length === 0) return;
    event.preventDefault();
    const pressed = event.submitter instanceof HTMLElement ? event.submitter : null;
    void Promise.all(waiting().map((row) => save(row))).then(() => {
      ready = true;
      form.requestSubmit(pressed);
      ready = false;
    });
  });
}

export function startSaving(): void {
  if (!grid) return;
  for (const button of grid.querySelectorAll<HTMLElement>("[data-save]")) button.hidden = true;
  grid.addEventListener("bulk:row", (event) => {
    if (event.target instanceof Element) for (const button of event.target.querySelectorAll<HTMLElement>("[data-save]")) button.hidden = true;
  });
  grid.addEventListener("input", (event) => {
    const row = event.target instanceof Element && !event.target.closest(".pick") ? rowOf(event.target) : null;
    if (row) changed(row);
  });
  // Who presses Enter in a row saves it without leaving the page.
  grid.addEventListener("submit", (event) => {
    const row = event.target instanceof Element ? rowOf(event.target) : null;
    if (!row) return;
    event.preventDefault();
    void save(row);
  });
  const chosen = document.querySelector<HTMLFormElement>("#chosen");
  if (chosen) saveFirst(chosen);
  const all = document.querySelector<HTMLElement>("[data-all]");
  all?.addEventListener("click", (event) => {
    event.preventDefault();
    const boxes = [...(grid?.querySelectorAll<HTMLInputElement>("input[name=post]") ?? [])];
    const tick = boxes.some((box) => !box.checked);
    for (const box of boxes) box.checked = tick;
  });
  window.addEventListener("pagehide", () => {
    for (const row of waiting()) {
      const form = formOf(row);
      if (form && stateOf(row).running === null) void fetch(form.action, { method: "POST", body: typed(row, form), keepalive: true, headers: { accept: "application/json" } }).catch(() => null);
    }
  });
}
