// Blocks of values: pasted from a spreadsheet, copied to one, filled down, and taken back once. A value that means nothing in its column is
// left out and told of; nothing is guessed.
import { cellIn, cellOf, columnsFrom, grid, read, rowOf, rows, say, words, write } from "./page";
import { currentCell, selected, unselect } from "./keys";
import { save } from "./saving";

/** What a block of cells was before: place and value. */
let before: { at: number; col: string; value: string }[] = [];

/** Rows and columns of what a spreadsheet puts on the clipboard: tabs between, quotes around cells with breaks or quotes. */
export function block(text: string): string[][] {
  const all: string[][] = [[]];
  let cell = "";
  let quoted = false;
  const end = (): void => {
    all.at(-1)?.push(cell);
    cell = "";
  };
  const source = text.replace(/\r\n?/g, "\n");
  for (let at = 0; at < source.length; at += 1) {
    const char = source[at] ?? "";
    if (quoted) {
      if (char !== '"') cell += char;
      else if (source[at + 1] === '"') {
        cell += char;
        at += 1;
      } else quoted = false;
    } else if (char === '"' && cell === "") quoted = true;
    else if (char === "\t") end();
    else if (char === "\n") {
      end();
      all.push([]);
    } else cell += char;
  }
  end();
  // Spreadsheets end the last row as well.
  if (all.length > 1 && all.at(-1)?.length === 1 && all.at(-1)?.[0] === "") all.pop();
  return all;
}

function put(at: number, col: string, value: string): boolean {
  const cell = cellIn(rows()[at], col);
  if (!cell) return value.trim() === "";
  const was = read(cell);
  if (!write(cell, value)) {
    cell.classList.add("refused");
    return false;
  }
  cell.classList.remove("refused");
  before.push({ at, col, value: was });
  return true;
}

/** Spreads a block from a cell on. An account comes first, for another account begins with no choices. */
async function spread(from: HTMLElement, values: string[][]): Promise<void> {
  const row = rowOf(from);
  if (!row) return;
  const [first, columns] = [rows().indexOf(row), columnsFrom(from.dataset["col"] ?? "")];
  before = [];
  let [done, refused] = [0, 0];
  for (const [n, line] of values.entries()) {
    if (first + n >= rows().length) {
      refused += line.length;
      continue;
    }
    for (const [place, value] of line.entries()) {
      const col = columns[place];
      const ok = col !== undefined && put(first + n, col, value);
      if (ok) done += 1;
      else refused += 1;
      const changed = rows()[first + n];
      if (ok && col === "account" && line.length > 1 && changed) await save(changed);
    }
  }
  say(`${words("textPasted", done)}${refused > 0 ? ` ${words("textRefused", refused)}` : ""}`);
}

function isTicked(row: HTMLTableRowElement): boolean {
  return row.querySelector<HTMLInputElement>(".tick input[name=post]")?.checked ?? false;
}

/** The value of a cell of a ticked row into the other ticked rows; false where none was meant. */
function fillTicked(from: HTMLElement): boolean {
  const own = rowOf(from);
  const others = rows().filter((row) => row !== own && isTicked(row));
  if (!own || !isTicked(own) || others.length === 0) return false;
  const [col, value] = [from.dataset["col"] ?? "", read(from)];
  before = [];
  say(words("textFilled", others.filter((row) => put(rows().indexOf(row), col, value)).length));
  return true;
}

function fillDown(): void {
  const chosen = selected();
  const top = chosen[0];
  if (top && chosen.length === 1 && fillTicked(top)) return;
  const row = top && rowOf(top);
  if (!top || !row) return;
  const col = top.dataset["col"] ?? "";
  const at = rows().indexOf(row);
  before = [];
  // A block gets the value of its top; a single cell that of the one above it.
  const alone = chosen.length === 1;
  const source = alone ? cellIn(rows()[at - 1], col) : top;
  if (!source) return;
  const value = read(source);
  const targets = alone ? [at] : chosen.slice(1).map((_, n) => at + 1 + n);
  const filled = targets.filter((to) => put(to, col, value)).length;
  say(words("textFilled", filled));
}

/** The value of the cell that was used last, into the other ticked rows, or else into every row below it. */
function fillRest(): void {
  const from = currentCell();
  const row = from && rowOf(from);
  if (!from || !row || fillTicked(from)) return;
  const [col, value] = [from.dataset["col"] ?? "", read(from)];
  before = [];
  const below = rows().map((_, at) => at).slice(rows().indexOf(row) + 1);
  say(words("textFilled", below.filter((at) => put(at, col, value)).length));
}

function undo(): void {
  const back = before;
  before = [];
  const done = back.reverse().filter(({ at, col, value }) => put(at, col, value)).length;
  before = [];
  say(words("textFilled", done));
}

function clear(): void {
  before = [];
  for (const cell of selected()) {
    const row = rowOf(cell);
    if (row && cell.dataset["col"] !== "account") put(rows().indexOf(row), cell.dataset["col"] ?? "", "");
  }
}

/** A cell as it stands in a block: quoted where it has to be. */
function quoted(value: string): string {
  return /[\t\n"]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

export function startFill(): void {
  if (!grid) return;
  grid.addEventListener("paste", (event) => {
    const cell = cellOf(event.target);
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!cell) return;
    const values = block(text);
    // Inside a field a single value is pasted as everywhere; a block is not meant for one field.
    const many = values.length > 1 || (values[0]?.length ?? 0) > 1;
    const isText = event.target instanceof HTMLTextAreaElement;
    if (event.target !== cell && (!many || (isText && !text.includes("\t")))) return;
    event.preventDefault();
    unselect();
    void spread(cell, values);
  });
  grid.addEventListener("copy", (event) => {
    if (cellOf(event.target) !== event.target) return;
    event.preventDefault();
    event.clipboardData?.setData("text/plain", selected().map((cell) => quoted(read(cell))).join("\n"));
  });
  grid.addEventListener("keydown", (event) => {
    if (cellOf(event.target) !== event.target) return;
    const wide = event.ctrlKey || event.metaKey;
    if (wide && event.code === "KeyD") fillDown();
    else if (wide && event.code === "KeyZ") undo();
    else if (event.key === "Delete" || event.key === "Backspace") clear();
    else return;
    event.preventDefault();
  });
  const button = document.querySelector<HTMLButtonElement>("[data-fill]");
  if (button) {
    button.hidden = false;
    button.addEventListener("click", fillRest);
  }
}
