// The calendar while something is moved on it: the panel with another time, its forms, the focus and what is said.

import { type Part, say as sayAt, send as sendTo, show, showBefore, shown } from "../part";

const CALENDAR: Part = { id: "calendar", say: "cal-say" };

/** A post that is being moved, as its card tells. */
export interface Moving {
  id: string;
  /** Wall-clock time at which it stands, `2026-11-24T12:30`. */
  local: string;
}

export function movable(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>("[data-post]") : null;
}

export function facts(card: HTMLElement): Moving {
  return { id: card.dataset["post"] ?? "", local: card.dataset["local"] ?? "" };
}

export function calendar(): HTMLElement | null {
  return shown(CALENDAR);
}

export function say(text: string): void {
  sayAt(CALENDAR, text);
}

/** What was shown before the page was turned with a card in hand, and its address. */
let left: { was: HTMLElement; address: string } | null = null;

/** Shows another part of the calendar while a card is in hand; says what it is. */
export async function turn(address: string, isWanted: () => boolean): Promise<void> {
  const here = calendar()?.dataset["calendar"] ?? window.location.href;
  const answer = await fetch(address, { headers: { accept: "text/html" } }).catch(() => null);
  // Whoever let go meanwhile stays where they are.
  const was = answer?.ok && isWanted() ? await showBefore(CALENDAR, answer) : null;
  if (!was) return;
  // The first one has the card; of those between nothing is needed.
  if (left) was.remove();
  left ??= { was, address: here };
  history.replaceState(null, "", address);
  say(calendar()?.querySelector("h1")?.textContent ?? "");
  if (!isWanted()) turnBack();
}

/** Shows what was there before the card was taken. */
export function turnBack(): void {
  if (!left) return;
  left.was.id = CALENDAR.id;
  left.was.hidden = false;
  const [now] = [...document.querySelectorAll<HTMLElement>(`#${CALENDAR.id}`)].filter((one) => one !== left?.was);
  now?.remove();
  history.replaceState(null, "", left.address);
  left = null;
}

/** What was shown before is not needed any more. */
export function turned(): void {
  left?.was.remove();
  left = null;
}

/** Where the button to the part before or after leads. */
export function neighbour(step: string): string | null {
  return document.querySelector<HTMLAnchorElement>(`#calendar [data-step="${step}"] a`)?.getAttribute("href") ?? null;
}

/** Asks for the panel with another time; the button that agrees to it gets the focus. */
export async function propose(post: Moving, to: string, second: boolean): Promise<void> {
  turned();
  const address = `${calendar()?.dataset["calendar"] ?? "/calendar?"}&move=${post.id}&to=${to}${second ? "&occurrence=second" : ""}`;
  const answer = await fetch(address, { headers: { accept: "text/html" } }).catch(() => null);
  if (!answer?.ok || !(await show(CALENDAR, answer))) {
    window.location.assign(address);
    return;
  }
  const panel = document.getElementById("move");
  panel?.scrollIntoView({ block: "nearest" });
  (panel?.querySelector<HTMLElement>("button.primary") ?? panel)?.focus();
  say(panel?.querySelector("h2")?.textContent ?? "");
}

async function send(form: HTMLFormElement, pressed: HTMLElement | null): Promise<void> {
  if (!(await sendTo(CALENDAR, form, pressed))) return;
  const said = document.getElementById("moved") ?? document.querySelector<HTMLElement>("#calendar [role=alert]") ?? document.getElementById("move");
  said?.focus();
  say(said?.textContent ?? "");
}

/** What a clock change and the posts around mean for a time, as soon as it is typed. */
async function explain(row: HTMLElement): Promise<void> {
  const form = row.closest("form");
  const place = document.getElementById("jump");
  if (!form || !place) return;
  const typed = new FormData(form);
  const [date, time] = [typed.get("date"), typed.get("time")];
  if (typeof date !== "string" || typeof time !== "string" || !date || !time) return;
  const query = new URLSearchParams({ local: `${date}T${time.slice(0, 5)}`, zone: String(typed.get("zone")), post: row.dataset["post"] ?? "" });
  const answer = await fetch(`${row.dataset["when"]}?${query.toString()}`).catch(() => null);
  // The answer is our own markup under our own policy: no script runs from it.
  if (answer?.ok) place.innerHTML = await answer.text();
}

export function startForms(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target instanceof HTMLFormElement ? event.target.closest<HTMLFormElement>("form[data-move]") : null;
    if (!form) return;
    event.preventDefault();
    void send(form, event.submitter);
  });
  document.addEventListener("change", (event) => {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>("#move [data-when]") : null;
    if (row) void explain(row);
  });
}
