// Dragging a card: at once with a mouse, after a long press with a finger, so that a finger still scrolls. Owns the gesture; what a card
// is, where it may be dropped and what that means belongs to the page.

const NEAR_PX = 6;
const PRESS_MS = 350;
const EDGE_PX = 56;
const SCROLL_PX = 14;

/** A page whose cards can be dragged. */
export interface Surface {
  /** The card that an event is about. */
  card(target: EventTarget | null): HTMLElement | null;
  /** What of a card presses for itself. */
  ignore: string;
  /** The card is above this; marks where it would come to lie. */
  over(card: HTMLElement, below: Element | null, y: number, x: number): void;
  /** Nothing is marked any more. */
  leave(): void;
  /** The card was let go at what was marked last. */
  drop(card: HTMLElement): void;
}

interface Drag {
  card: HTMLElement;
  pointer: number;
  x: number;
  y: number;
  timer: number;
  /** The copy under the pointer, once the card is lifted. */
  ghost: HTMLElement | null;
}

export function startDragging(surface: Surface): void {
  let drag: Drag | null = null;

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

  function follow(it: Drag, x: number, y: number): void {
    if (it.ghost) it.ghost.style.translate = `${x - 16}px ${y - 16}px`;
    surface.over(it.card, document.elementFromPoint(x, y), y, x);
    if (y < EDGE_PX) window.scrollBy(0, -SCROLL_PX);
    else if (y > window.innerHeight - EDGE_PX) window.scrollBy(0, SCROLL_PX);
  }

  function end(): void {
    if (!drag) return;
    window.clearTimeout(drag.timer);
    drag.ghost?.remove();
    drag.card.classList.remove("lifted");
    surface.leave();
    drag = null;
  }

  document.addEventListener("pointerdown", (event) => {
    const card = surface.card(event.target);
    if (!card || event.button !== 0 || (event.target instanceof Element && event.target.closest(surface.ignore))) return;
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
    surface.drop(drag.card);
    end();
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
    if (surface.card(event.target)) event.preventDefault();
  });
}
