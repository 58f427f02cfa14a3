// Dragging a post to another hour or day of the calendar. Owns what a place of the calendar means as a time, and turning the page by
// holding a card over the button to the next one, or at the edge.
import { startDragging } from "../drag";
import { facts, movable, neighbour, propose, turn, turnBack } from "./page";

const HOLD_MS = 700;
const EDGE_PX = 12;

/** The step that a card is held at. */
let held: string | null = null;
let timer = 0;

function hold(step: string | null): void {
  if (step === held) return;
  window.clearTimeout(timer);
  held = step;
  if (step) timer = window.setTimeout(() => void turnWhileHeld(step), HOLD_MS);
}

async function turnWhileHeld(step: string): Promise<void> {
  const address = neighbour(step);
  if (!address || held !== step) return;
  mark(null);
  await turn(address, () => held === step);
  if (held === step) timer = window.setTimeout(() => void turnWhileHeld(step), 2 * HOLD_MS);
}

function stepAt(below: Element | null, x: number): string | null {
  const button = below?.closest<HTMLElement>('[data-step="earlier"],[data-step="later"]');
  if (button) return button.dataset["step"] ?? null;
  if (x < EDGE_PX) return "earlier";
  return x > document.documentElement.clientWidth - EDGE_PX ? "later" : null;
}

let target: HTMLElement | null = null;

function mark(next: HTMLElement | null): void {
  target?.classList.remove("over");
  next?.classList.add("over");
  target = next;
}

/** The time that a place stands for: its hour with the post's minutes, or its day with the post's time. */
function timeAt(place: HTMLElement, local: string): string {
  const { at, day } = place.dataset;
  if (at === undefined) return `${day ?? local.slice(0, 10)}${local.slice(10)}`;
  // An hour of which a part is missing begins later.
  const minute = local.slice(14) < at.slice(14) ? at.slice(14) : local.slice(14);
  return `${at.slice(0, 14)}${minute}`;
}

export function startDrag(): void {
  startDragging({
    card: movable,
    ignore: ".ev-move",
    over: (_card, below, _y, x) => {
      const step = stepAt(below, x);
      hold(step);
      mark(step ? null : (below?.closest<HTMLElement>("[data-at],[data-day]") ?? null));
    },
    leave: () => {
      hold(null);
      mark(null);
      // Put down nowhere: the card stands where it stood, and so does the page.
      turnBack();
    },
    drop: (card) => {
      const post = facts(card);
      if (!target) return;
      const to = timeAt(target, post.local);
      const second = target.dataset["again"] !== undefined;
      if (to !== post.local || second) void propose(post, to, second);
      else turnBack();
    },
  });
}
