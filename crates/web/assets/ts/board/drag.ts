// Dragging a card to another column or place. Owns the line that shows where it would come to lie.
import { startDragging } from "../drag";
import { cardOf, columnOf, may, opens, put, stageOf } from "./page";

interface Spot {
  column: HTMLElement;
  above: HTMLElement | null;
}

let spot: Spot | null = null;

function unmark(): void {
  for (const marked of document.querySelectorAll("#board .over, #board .below-this, #board .on-top")) marked.classList.remove("over", "below-this", "on-top");
}

/** The last card of a column whose middle is above the pointer. */
function above(column: HTMLElement, card: HTMLElement, y: number): HTMLElement | null {
  let found: HTMLElement | null = null;
  for (const other of column.querySelectorAll<HTMLElement>("[data-card]")) {
    const box = other.getBoundingClientRect();
    if (other !== card && box.top + box.height / 2 < y) found = other;
  }
  return found;
}

function over(card: HTMLElement, below: Element | null, y: number): void {
  unmark();
  const column = columnOf(below);
  if (!column || !may(card, stageOf(column))) {
    spot = null;
    return;
  }
  column.classList.add("over");
  const isOrdered = column.classList.contains("board-col") && !opens(card, stageOf(column));
  spot = { column, above: isOrdered ? above(column, card, y) : null };
  if (spot.above) spot.above.classList.add("below-this");
  else if (isOrdered) column.querySelector(".board-cards")?.classList.add("on-top");
}

/** The card that stands above this one now. */
function before(card: HTMLElement): Element | null {
  return card.previousElementSibling;
}

export function startDrag(): void {
  startDragging({
    card: cardOf,
    ignore: ".ev-move, button, input, textarea, select",
    over,
    leave: () => {
      unmark();
      spot = null;
    },
    drop: (card) => {
      if (!spot) return;
      const same = columnOf(card) === spot.column && before(card) === spot.above;
      if (!same) void put(card, stageOf(spot.column), spot.above);
    },
  });
}
