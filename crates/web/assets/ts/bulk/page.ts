// What the grid is made of: rows, cells, and the values that stand in them. Owns reading and writing of a cell; saving is elsewhere.

export type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

export const grid = document.querySelector<HTMLTableElement>("#grid");

/** Columns that hold a value, in the order in which a spreadsheet has them. */
const VALUES = ["account", "caption", "privacy", "comment", "duet", "stitch", "disclosure", "your_brand", "branded", "ai", "date", "time", "labels"];

export function rows(): HTMLTableRowElement[] {
  return [...(grid?.tBodies[0]?.rows ?? [])];
}

/** Every cell of a row that can have the focus, in order. */
export function cells(row: HTMLTableRowElement): HTMLElement[] {
  return [...row.querySelectorAll<HTMLElement>("[data-col]")];
}

export function cellOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>("#grid tbody [data-col]") : null;
}

export function rowOf(cell: Element): HTMLTableRowElement | null {
  return cell.closest<HTMLTableRowElement>("#grid tbody tr");
}

export function cellIn(row: HTMLTableRowElement | undefined, col: string): HTMLElement | null {
  return row?.querySelector<HTMLElement>(`[data-col="${col}"]`) ?? null;
}

/** What a person changes in a cell; of photos the description, not the title. */
export function control(cell: HTMLElement | null): Control | null {
  return cell?.querySelector<Control>("textarea,select,input:not([name=title],[type=hidden])") ?? null;
}

/** What depends on other cells of the row: the two boxes on the switch, and "only you" and a paid partnership on each other. */
export function relate(row: HTMLTableRowElement): void {
  const box = (col: string): HTMLInputElement | null => {
    const it = control(cellIn(row, col));
    return it instanceof HTMLInputElement ? it : null;
  };
  const [on, own, paid, privacy] = [box("disclosure"), box("your_brand"), box("branded"), control(cellIn(row, "privacy"))];
  if (!on || !own || !paid || !(privacy instanceof HTMLSelectElement)) return;
  const isPrivate = privacy.value === "SELF_ONLY";
  own.disabled = !on.checked;
  paid.disabled = !on.checked || (isPrivate && !paid.checked);
  if (!on.checked) own.checked = paid.checked = false;
  const note = words("textPrivate");
  paid.closest("label")?.setAttribute("title", isPrivate ? note : "");
  for (const option of privacy.options) {
    if (option.value !== "SELF_ONLY") continue;
    option.disabled = paid.checked && !option.selected;
    option.title = paid.checked ? note : "";
  }
}

/** Says a sentence to everybody; nothing takes it away again. */
export function say(text: string): void {
  const region = document.getElementById("bulk-say");
  if (region) region.textContent = text;
}

export function words(key: string, n = 0): string {
  return (grid?.dataset[key] ?? "").replace("%n", String(n));
}

const YES = ["yes", "y", "true", "1", "x", "on", "да", "+", "✓"];
const NO = ["", "no", "n", "false", "0", "off", "нет", "-", "–"];
const plain = (text: string): string => text.trim().toLowerCase();

/** The value of a cell as a spreadsheet would have it. */
export function read(cell: HTMLElement): string {
  const it = control(cell);
  if (!it) return "";
  if (it instanceof HTMLInputElement && it.type === "checkbox") return it.checked ? "yes" : "no";
  if (it instanceof HTMLSelectElement) return it.value === "" ? "" : (it.selectedOptions[0]?.text ?? "");
  return it.value;
}

/** `2026-12-24` of a date as people write it; empty when it is none. A date with slashes means another day elsewhere, so it is none. */
function dateOf(text: string): string | null {
  if (text === "") return "";
  const dotted = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(text);
  const iso = dotted ? `${dotted[3]}-${dotted[2]?.padStart(2, "0")}-${dotted[1]?.padStart(2, "0")}` : text;
  return /^\d{4}-\d{2}-\d{2}$/.test(iso) && !Number.isNaN(Date.parse(iso)) ? iso : null;
}

function timeOf(text: string): string | null {
  if (text === "") return "";
  const found = /^(\d{1,2})[:.](\d{2})(?::\d{2})?\s*(am|pm)?$/.exec(text);
  if (!found) return null;
  const half = found[3];
  const hour = half ? (Number(found[1]) % 12) + (half === "pm" ? 12 : 0) : Number(found[1]);
  return hour < 24 && Number(found[2]) < 60 ? `${String(hour).padStart(2, "0")}:${found[2]}` : null;
}

function choose(it: HTMLSelectElement, text: string): boolean {
  const wanted = plain(text).replace(/^@/, "");
  const names = (option: HTMLOptionElement): string[] => [option.text, option.value, option.dataset["name"] ?? "", option.dataset["handle"] ?? ""];
  const same = (option: HTMLOptionElement): boolean => names(option).some((one) => plain(one).replace(/^@/, "") === wanted);
  const meant = [...it.options].filter((one) => !one.disabled && (wanted === "" ? one.value === "" : same(one)));
  // Two accounts may have one name: nothing is guessed.
  const [option] = meant;
  if (!option || meant.length > 1) return false;
  it.value = option.value;
  return true;
}

/** Puts a value into a cell; false where it means nothing there, and then nothing changes. */
export function write(cell: HTMLElement, text: string): boolean {
  const it = control(cell);
  if (!it || it.disabled) return text.trim() === "" || NO.includes(plain(text));
  if (it instanceof HTMLSelectElement) {
    if (!choose(it, text)) return false;
  } else if (it.type === "checkbox" && it instanceof HTMLInputElement) {
    if (!YES.includes(plain(text)) && !NO.includes(plain(text))) return false;
    it.checked = YES.includes(plain(text));
  } else if (it.type === "date" || it.type === "time") {
    const value = it.type === "date" ? dateOf(text.trim()) : timeOf(plain(text));
    if (value === null) return false;
    it.value = value;
  } else {
    it.value = text;
  }
  it.dispatchEvent(new Event("input", { bubbles: true }));
  return true;
}

/** The columns from this one on that a block of values spreads over. */
export function columnsFrom(col: string): string[] {
  const at = VALUES.indexOf(col);
  return at < 0 ? [] : VALUES.slice(at);
}
