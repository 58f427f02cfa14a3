// Dragging a card: at once with a mouse, after a long press with a finger, so that a finger still scrolls.
import { facts, movable, propose } from "./page";

const NEAR_PX = 6;
const PRESS_MS = 350;
const EDGE_PX = 56;
const SCROLL_PX = 14;

interface Drag {
  card: HTMLElement;
  pointer: number;
  x: number;
  y: number;
  timer: number;
  /** The copy under the pointer, once the card is lifted. */
  ghost: HTMLElement | null;
}

let drag: Drag | null = null;
let target: HTMLElement | null = null;

function lift(it: Drag): void {
  const box = it.card.getBoundingClientRect();
  const ghost = it.card.cloneNode(true) as HTMLElement;
  ghost.removeAttribute("id");
  ghost.setAttribute("aria-hidden", "true");
  ghost.classList.add("ghost");
  ghost.style.width = `${box.width}px`;
  document.body.append(ghost);
  it.card.classList.add("lifted");
  it.ghost = ghost;
}

function over(next: HTMLElement | null): void {
  target?.classList.remove("over");
  next?.classList.add("over");
  target = next;
}

function follow(it: Drag, x: number, y: number): void {
  if (it.ghost) it.ghost.style.translate = `${x - 16}px ${y - 16}px`;
  const below = document.elementFromPoint(x, y);
  over(below?.closest<HTMLElement>("[data-at],[data-day]") ?? null);
  if (y < EDGE_PX) window.scrollBy(0, -SCROLL_PX);
  else if (y > window.innerHeight - EDGE_PX) window.scrollBy(0, SCROLL_PX);
}

function end(): void {
  if (!drag) return;
  window.clearTimeout(drag.timer);
  drag.ghost?.remove();
  drag.card.classList.remove("lifted");
  over(null);
  drag = null;
}

/** The time that a place stands for: its hour with the post's minutes, or its day with the post's time. */
function timeAt(place: HTMLElement, local: string): string {
  const { at, day } = place.dataset;
  if (at === undefined) return `${day ?? local.slice(0, 10)}${local.slice(10)}`;
  // An hour of which a part is missing begins later.
  const minute = local.slice(14) < at.slice(14) ? at.slice(14) : local.slice(14);
  return `${at.slice(0, 14)}${minute}`;
}

function drop(it: Drag): void {
  const post = facts(it.card);
  const place = target;
  end();
  if (!place) return;
  const to = timeAt(place, post.local);
  const second = place.dataset["again"] !== undefined;
  if (to !== post.local || second) void propose(post, to, second);
}

export function startDrag(): void {
  document.addEventListener("pointerdown", (event) => {
    const card = movable(event.target);
    if (!card || event.button !== 0 || (event.target instanceof Element && event.target.closest(".ev-move"))) return;
    end();
    const it: Drag = { card, pointer: event.pointerId, x: event.clientX, y: event.clientY, timer: 0, ghost: null };
    if (event.pointerType !== "mouse") {
      it.timer = window.setTimeout(() => {
        lift(it);
        follow(it, it.x, it.y);
      }, PRESS_MS);
    }
    drag = it;
  });
  document.addEventListener("pointermove", (event) => {
    if (drag?.pointer !== event.pointerId) return;
    const far = Math.hypot(event.clientX - drag.x, event.clientY - drag.y) > NEAR_PX;
    if (!drag.ghost && far) {
      // A finger that moves before the long press is over scrolls.
      if (event.pointerType !== "mouse") return end();
      lift(drag);
    }
    if (drag.ghost) follow(drag, event.clientX, event.clientY);
  });
  document.addEventListener("pointerup", (event) => {
    if (drag?.pointer !== event.pointerId) return;
    if (!drag.ghost) return end();
    // The click that ends a drag opens nothing.
    const swallow = (click: Event): void => {
      click.preventDefault();
      click.stopPropagation();
    };
    document.addEventListener("click", swallow, { capture: true, once: true });
    window.setTimeout(() => document.removeEventListener("click", swallow, { capture: true }), 0);
    drop(drag);
  });
  document.addEventListener("pointercancel", end);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") end();
  });
  // While a card hangs on a finger the page stands still; a listener that may not prevent would let it scroll.
  document.addEventListener("touchmove", (event) => {
    if (drag?.ghost) event.preventDefault();
  }, { passive: false });
  document.addEventListener("contextmenu", (event) => {
    if (drag?.timer) event.preventDefault();
  });
  document.addEventListener("dragstart", (event) => {
    if (movable(event.target)) event.preventDefault();
  });
}
