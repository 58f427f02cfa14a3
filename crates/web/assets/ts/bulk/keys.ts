// Moving among cells as in a spreadsheet: arrows, Tab, Enter, Home and End; Enter, F2 or typing goes into a cell, Escape out of it, and
// Escape before Tab leaves the grid. One cell is in the tab order, so the grid is one stop for whoever only passes.
import { cellIn, cellOf, cells, control, grid, rowOf, rows, say, words, write } from "./page";

let current: HTMLElement | null = null;
let leaving = false;
/** Where a selection of one column began. */
let anchor: HTMLElement | null = null;

/** Whether cells lie side by side; as cards on a narrow screen they do not, and their controls are ordinary fields. */
export function isGrid(): boolean {
  return grid !== null && getComputedStyle(grid).display === "table";
}

function settle(row: HTMLTableRowElement): void {
  for (const cell of cells(row)) {
    cell.tabIndex = -1;
    for (const inner of cell.querySelectorAll<HTMLElement>("a,button,summary,input,select,textarea")) inner.tabIndex = isGrid() ? -1 : 0;
  }
}

function makeCurrent(cell: HTMLElement): void {
  if (current) current.tabIndex = -1;
  current = cell;
  current.tabIndex = 0;
}

export function focusCell(cell: HTMLElement | null): void {
  if (!cell) return;
  makeCurrent(cell);
  cell.focus();
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/** The cells of one column that are selected together, from the top; the focused one alone otherwise. */
export function selected(): HTMLElement[] {
  const marked = [...(grid?.querySelectorAll<HTMLElement>('[aria-selected="true"]') ?? [])];
  return marked.length > 0 ? marked : current ? [current] : [];
}

export function unselect(): void {
  for (const cell of grid?.querySelectorAll('[aria-selected="true"]') ?? []) cell.removeAttribute("aria-selected");
  anchor = null;
}

export function currentCell(): HTMLElement | null {
  return current?.isConnected ? current : null;
}

function extend(from: HTMLElement, to: HTMLElement): void {
  anchor ??= from;
  const [first, last] = [anchor, to].map((cell) => rows().findIndex((row) => row.contains(cell)));
  const col = anchor.dataset["col"] ?? "";
  for (const cell of grid?.querySelectorAll('[aria-selected="true"]') ?? []) cell.removeAttribute("aria-selected");
  for (const row of rows().slice(Math.min(first ?? 0, last ?? 0), Math.max(first ?? 0, last ?? 0) + 1)) cellIn(row, col)?.setAttribute("aria-selected", "true");
}

function neighbour(cell: HTMLElement, down: number, right: number): HTMLElement | null {
  const row = rowOf(cell);
  if (!row) return null;
  const all = rows();
  const target = all[all.indexOf(row) + down];
  if (down !== 0) return cellIn(target, cell.dataset["col"] ?? "");
  const own = cells(row);
  return own[own.indexOf(cell) + right] ?? null;
}

/** The cell after this one, or before it, row after row. */
function following(cell: HTMLElement, by: 1 | -1): HTMLElement | null {
  const beside = neighbour(cell, 0, by);
  if (beside) return beside;
  const row = rowOf(cell);
  const all = rows();
  const next = row ? all[all.indexOf(row) + by] : undefined;
  return (next && cells(next).at(by === 1 ? 0 : -1)) ?? null;
}

function enter(cell: HTMLElement, replacing: boolean): void {
  const it = control(cell) ?? cell.querySelector<HTMLElement>("a,summary,button");
  it?.focus();
  if (it instanceof HTMLTextAreaElement) it.setSelectionRange(replacing ? 0 : it.value.length, it.value.length);
}

function isText(it: HTMLElement | null): boolean {
  return it instanceof HTMLTextAreaElement || (it instanceof HTMLInputElement && it.type === "text");
}

/** What was typed on a cell of a date or a time so far. */
let begun = { cell: null as HTMLElement | null, text: "" };

/** `24.12.2026`, `2026-12-24`, `18:30`: written as it is typed, taken as soon as it means something. */
function typeInto(cell: HTMLElement, key: string): boolean {
  if (!/^[\d.:/-]$/.test(key)) return false;
  begun = { cell, text: begun.cell === cell ? begun.text + key : key };
  if (write(cell, begun.text)) begun.text = "";
  say(begun.text);
  cell.classList.toggle("refused", begun.text !== "");
  return true;
}

/** Keys on a cell itself. */
function onCell(event: KeyboardEvent, cell: HTMLElement): boolean {
  const edge = (row: HTMLTableRowElement | undefined, at: 0 | -1): HTMLElement | null => (row ? (cells(row).at(at) ?? null) : null);
  const own = rowOf(cell) ?? undefined;
  const wide = event.ctrlKey || event.metaKey;
  const leave = (): void => {
    // What means nothing is told, and not taken.
    if (begun.text !== "" && begun.cell === cell) say(words("textRefused", 1));
    cell.classList.remove("refused");
    begun = { cell: null, text: "" };
  };
  const go = (to: HTMLElement | null): boolean => {
    leave();
    unselect();
    focusCell(to);
    return true;
  };
  switch (event.key) {
    case "ArrowDown":
    case "ArrowUp": {
      const to = neighbour(cell, event.key === "ArrowDown" ? 1 : -1, 0);
      if (!event.shiftKey) return go(to);
      if (to) extend(cell, to);
      focusCell(to);
      return true;
    }
    case "ArrowRight": return go(neighbour(cell, 0, 1));
    case "ArrowLeft": return go(neighbour(cell, 0, -1));
    case "Home": return go(edge(wide ? rows()[0] : own, 0));
    case "End": return go(edge(wide ? rows().at(-1) : own, -1));
    case "Escape":
      leaving = begun.text === "";
      leave();
      unselect();
      return true;
    case "Tab": {
      const to = leaving ? null : following(cell, event.shiftKey ? -1 : 1);
      return to !== null && go(to);
    }
    case "F2":
    case "Enter":
      leave();
      enter(cell, false);
      return true;
    case " ": {
      const it = control(cell);
      if (it instanceof HTMLInputElement && it.type === "checkbox") it.click();
      else enter(cell, false);
      return true;
    }
    case "Delete":
    case "Backspace":
      leave();
      return false;
  }
  const it = control(cell);
  if (event.key.length !== 1 || wide || event.altKey) return false;
  if (isText(it)) enter(cell, true);
  // A browser takes no key for a field that gets the focus meanwhile, so dates and times are read here until somebody goes on.
  else if (it instanceof HTMLInputElement && (it.type === "date" || it.type === "time")) return typeInto(cell, event.key);
  return false;
}

/** Keys inside a cell. */
function inside(event: KeyboardEvent, cell: HTMLElement): boolean {
  const it = event.target;
  if (event.key === "Escape") {
    focusCell(cell);
    return true;
  }
  if (event.key === "Tab") {
    // A cell may hold more than one field: the title of photos stands above their description.
    const fields = [...cell.querySelectorAll<HTMLElement>("a,summary,button,select,textarea,input:not([type=hidden])")];
    const beside = fields[fields.indexOf(it as HTMLElement) + (event.shiftKey ? -1 : 1)];
    if (beside && fields.includes(it as HTMLElement)) {
      beside.focus();
      return true;
    }
    const to = following(cell, event.shiftKey ? -1 : 1);
    focusCell(to);
    return to !== null;
  }
  // A list and a link have their own use for Enter.
  if (event.key === "Enter" && !event.shiftKey && !event.altKey && (it instanceof HTMLTextAreaElement || it instanceof HTMLInputElement)) {
    focusCell(neighbour(cell, 1, 0) ?? cell);
    return true;
  }
  return false;
}

export function startKeys(): void {
  if (!grid) return;
  rows().forEach(settle);
  const first = rows()[0];
  const begin = first && cellIn(first, "caption");
  if (begin) makeCurrent(begin);
  grid.addEventListener("bulk:row", (event) => {
    if (event.target instanceof HTMLTableRowElement) settle(event.target);
  });
  window.addEventListener("resize", () => rows().forEach(settle));
  grid.addEventListener("focusin", (event) => {
    const cell = cellOf(event.target);
    if (!cell) return;
    leaving = false;
    makeCurrent(cell);
  });
  grid.addEventListener("keydown", (event) => {
    const cell = cellOf(event.target);
    if (!cell || !isGrid() || event.isComposing) return;
    // On a cell a letter begins to write; the single keys of pages rest there.
    if (event.target === cell && !event.ctrlKey && !event.metaKey) event.stopPropagation();
    const done = event.target === cell ? onCell(event, cell) : inside(event, cell);
    if (done) event.preventDefault();
  });
}
