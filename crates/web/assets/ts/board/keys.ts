// Moving by keyboard: M lifts the focused card, arrows choose column and place, Enter puts it down, Escape gives up.
import { cardOf, columnOf, may, opens, put, say, stageOf, words } from "./page";

interface Lifted {
  card: HTMLElement;
  column: HTMLElement;
  /** How many cards stand above it. */
  at: number;
}

let lifted: Lifted | null = null;

function columns(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("#board .board-col")];
}

function others(it: Lifted, column: HTMLElement): HTMLElement[] {
  return [...column.querySelectorAll<HTMLElement>("[data-card]")].filter((card) => card !== it.card);
}

function unmark(): void {
  for (const marked of document.querySelectorAll("#board .over, #board .below-this, #board .on-top")) marked.classList.remove("over", "below-this", "on-top");
}

function mark(it: Lifted): void {
  unmark();
  it.column.classList.add("over");
  const stage = stageOf(it.column);
  const name = it.column.dataset["words"] ?? "";
  const kind = opens(it.card, stage);
  if (kind) {
    say(words(kind).replace("%c", name));
    it.column.scrollIntoView({ block: "nearest", inline: "nearest" });
    return;
  }
  const cards = others(it, it.column);
  const above = cards[it.at - 1];
  if (above) above.classList.add("below-this");
  else it.column.querySelector(".board-cards")?.classList.add("on-top");
  (above ?? it.column).scrollIntoView({ block: "nearest", inline: "nearest" });
  say(words("Spot").replace("%c", name).replace("%p", String(it.at + 1)).replace("%n", String(cards.length + 1)));
}

function giveUp(): void {
  if (!lifted) return;
  lifted.card.classList.remove("lifted");
  lifted = null;
  unmark();
}

function sideways(it: Lifted, by: number): void {
  const all = columns();
  const next = all[all.indexOf(it.column) + by];
  if (!next) return;
  if (!may(it.card, stageOf(next))) return say(words("Stays"));
  it.column = next;
  it.at = 0;
  mark(it);
}

function move(event: KeyboardEvent, it: Lifted): void {
  switch (event.key) {
    case "ArrowLeft":
      sideways(it, -1);
      break;
    case "ArrowRight":
      sideways(it, 1);
      break;
    case "ArrowUp":
      it.at = Math.max(0, it.at - 1);
      mark(it);
      break;
    case "ArrowDown":
      it.at = Math.min(others(it, it.column).length, it.at + 1);
      mark(it);
      break;
    case "Enter": {
      const above = others(it, it.column)[it.at - 1] ?? null;
      giveUp();
      void put(it.card, stageOf(it.column), above);
      break;
    }
    case "Escape":
      giveUp();
      say(words("Dropped"));
      break;
    case "Tab":
      giveUp();
      say(words("Dropped"));
      return;
    default:
      return;
  }
  event.preventDefault();
}

export function startKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (lifted) return move(event, lifted);
    const card = cardOf(event.target);
    // By its place on the keyboard: the letter is another one on a Russian layout.
    if (!card || event.code !== "KeyM" || event.ctrlKey || event.altKey || event.metaKey) return;
    const column = columnOf(card);
    if (!column) return;
    event.preventDefault();
    const it: Lifted = { card, column, at: 0 };
    it.at = [...column.querySelectorAll("[data-card]")].indexOf(card);
    lifted = it;
    card.classList.add("lifted");
    mark(it);
    say(`${card.dataset["title"] ?? ""}. ${words("Lifted")}`);
  });
}
