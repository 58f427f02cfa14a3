// Saves each row a moment after its last change; one request a row at a time, the newest values win.
import { cellIn, control, grid, relate, rowOf, rows, say, words } from "./page";

const QUIET_MS = 700;
const AGAIN_MS = 5_000;

interface State {
  timer: number;
  running: Promise<void> | null;
  again: boolean;
  stopped: boolean;
  /** Counts what was changed, to know whether an answer is about the newest values. */
  edits: number;
}

const states = new WeakMap<HTMLTableRowElement, State>();

function stateOf(row: HTMLTableRowElement): State {
  const known = states.get(row) ?? { timer: 0, running: null, again: false, stopped: false, edits: 0 };
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

function rowFrom(html: string): HTMLTableRowElement | null {
  const template = document.createElement("template");
  // The answer is our own markup under our own policy: no script runs from it.
  template.innerHTML = html;
  const row = template.content.firstElementChild;
  return row instanceof HTMLTableRowElement ? row : null;
}

/** The row of another account takes the place of this one; whoever was in a cell of it is there again. */
function replace(row: HTMLTableRowElement, next: HTMLTableRowElement): void {
  const held = row.contains(document.activeElement) ? document.activeElement?.closest<HTMLElement>("[data-col]") : undefined;
  const wasInside = held !== document.activeElement;
  const pick = (of: HTMLTableRowElement): HTMLInputElement | null => of.querySelector<HTMLInputElement>(".tick input[name=post]");
  const [before, after] = [pick(row), pick(next)];
  if (before && after) after.checked = before.checked;
  row.replaceWith(next);
  next.dispatchEvent(new CustomEvent("bulk:row", { bubbles: true }));
  const cell = cellIn(next, held?.dataset["col"] ?? "");
  // On a cell the arrows move; inside of one they choose.
  if (cell) (wasInside ? (control(cell) ?? cell) : cell).focus();
}

/** The row stays with what was typed since, and is from now on the draft that the answer names. */
function adopt(row: HTMLTableRowElement, form: HTMLFormElement, next: HTMLTableRowElement): void {
  const named = formOf(next);
  if (named) form.action = named.action;
  const [own, other] = [row, next].map((one) => one.querySelector<HTMLInputElement>(".tick input[name=post]"));
  if (own && other) own.value = other.value;
}

function took(row: HTMLTableRowElement, form: HTMLFormElement, answer: Saved, isNewest: boolean): void {
  const revision = form.querySelector<HTMLInputElement>("input[name=revision]");
  if (revision) revision.value = String(answer.revision);
  const next = answer.row === null ? null : rowFrom(answer.row);
  if (!isNewest) {
    if (next) adopt(row, form, next);
    return;
  }
  const told = row.querySelector("[data-problems]");
  if (told) told.innerHTML = answer.problems;
  row.classList.remove("unsaved");
  if (next) replace(row, next);
}

async function send(row: HTMLTableRowElement): Promise<void> {
  const [state, form] = [stateOf(row), formOf(row)];
  if (!form || state.stopped) return;
  const edits = state.edits;
  const answer = await fetch(form.action, { method: "POST", body: typed(row, form), headers: { accept: "application/json" } }).catch(() => null);
  const told: unknown = await answer?.json().catch(() => null);
  if (answer?.ok && isSaved(told)) {
    took(row, form, told, edits === state.edits);
    if (trouble && waiting().length === 0) tell("");
  } else if (answer?.status === 409) {
    // Another window was quicker: nothing of it is overwritten.
    state.stopped = true;
    row.classList.add("conflict");
    tell(words("textConflict"));
  } else if (answer === null || answer.ok || answer.status >= 500 || answer.status === 429) {
    tell(words("textUnsaved"));
    state.timer = window.setTimeout(() => void save(row), AGAIN_MS);
  } else {
    // The server does not want it as it is: only another value helps.
    tell(detail(told) || words("textNotSaved"));
  }
}

/** What stands in the way of saving, until it does not any more. */
let trouble = false;
function tell(text: string): void {
  trouble = text !== "";
  say(text);
}

/** The server's own sentence out of a problem document. */
function detail(problem: unknown): string {
  return typeof problem === "object" && problem !== null && "detail" in problem && typeof problem.detail === "string" ? problem.detail : "";
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
  state.running = run().finally(() => {
    state.running = null;
  });
  return state.running;
}

function changed(row: HTMLTableRowElement): void {
  const state = stateOf(row);
  if (state.stopped) return;
  row.classList.add("unsaved");
  state.edits += 1;
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
      // What could not be saved would be looked at, and agreed to, in its older words.
      if (waiting().length > 0) return;
      ready = true;
      form.requestSubmit(pressed);
      ready = false;
    });
  });
}

export function startSaving(): void {
  if (!grid) return;
  for (const button of grid.querySelectorAll<HTMLElement>("[data-save]")) button.hidden = true;
  rows().forEach(relate);
  grid.addEventListener("bulk:row", (event) => {
    if (event.target instanceof HTMLTableRowElement) relate(event.target);
    if (event.target instanceof Element) for (const button of event.target.querySelectorAll<HTMLElement>("[data-save]")) button.hidden = true;
  });
  grid.addEventListener("input", (event) => {
    const row = event.target instanceof Element && !event.target.closest(".pick") ? rowOf(event.target) : null;
    if (!row) return;
    relate(row);
    changed(row);
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
  window.addEventListener("beforeunload", (event) => {
    if (waiting().length > 0) event.preventDefault();
  });
  window.addEventListener("pagehide", () => {
    for (const row of waiting()) {
      const form = formOf(row);
      if (form) void fetch(form.action, { method: "POST", body: typed(row, form), keepalive: true, headers: { accept: "application/json" } }).catch(() => null);
    }
  });
}
