// Dragging a post to another hour or day of the calendar. Owns what a place of the calendar means as a time.
import { startDragging } from "../drag";
import { facts, movable, propose } from "./page";

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
    over: (_card, below) => mark(below?.closest<HTMLElement>("[data-at],[data-day]") ?? null),
    leave: () => mark(null),
    drop: (card) => {
      const post = facts(card);
      if (!target) return;
      const to = timeAt(target, post.local);
      const second = target.dataset["again"] !== undefined;
      if (to !== post.local || second) void propose(post, to, second);
    },
  });
}
