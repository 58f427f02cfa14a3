// Moving by keyboard: M lifts the focused card, arrows choose day and hour, Page Up and Page Down month or week, Enter goes on to the panel,
// Escape gives up. The page turns where the chosen day is not on it.
import { type Moving, calendar, facts, movable, propose, say, turn, turnBack } from "./page";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface Lifted {
  post: Moving;
  card: HTMLElement;
  /** The wall-clock time that is chosen, as if it were UTC: no zone has a part in counting hours on a wall. */
  at: number;
  /** The page was turned for it, and shows it not yet. */
  isPaged: boolean;
}

let lifted: Lifted | null = null;

function wall(at: number): string {
  return new Date(at).toISOString().slice(0, 16);
}

const words = new Intl.DateTimeFormat(document.documentElement.lang, {
  weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "UTC",
});

/** How far an arrow goes: hours stand below each other in a week, weeks in a month, days in a list. */
function step(key: string): number {
  const shown = document.querySelector(".cal");
  const down = shown?.classList.contains("hours") ? HOUR_MS : shown?.classList.contains("month") ? 7 * DAY_MS : DAY_MS;
  switch (key) {
    case "ArrowLeft": return -DAY_MS;
    case "ArrowRight": return DAY_MS;
    case "ArrowUp": return -down;
    case "ArrowDown": return down;
    default: return 0;
  }
}

/** A month or a week on, or back; the last day where the month has no such day. */
function paged(at: number, by: 1 | -1): number {
  const shown = document.querySelector(".cal");
  if (!shown?.classList.contains("month")) return at + by * (shown?.classList.contains("one") ? DAY_MS : 7 * DAY_MS);
  const [from, to] = [new Date(at), new Date(at)];
  to.setUTCDate(1);
  to.setUTCMonth(to.getUTCMonth() + by);
  const last = new Date(Date.UTC(to.getUTCFullYear(), to.getUTCMonth() + 1, 0)).getUTCDate();
  to.setUTCDate(Math.min(from.getUTCDate(), last));
  return to.getTime();
}

/** Turns to the chosen day where it is not shown; a later choice overtakes an earlier one. */
async function follow(it: Lifted): Promise<void> {
  if (isTurning) return;
  isTurning = true;
  let day = "";
  while (lifted === it && day !== wall(it.at).slice(0, 10)) {
    day = wall(it.at).slice(0, 10);
    const address = (calendar()?.dataset["calendar"] ?? "").replace(/date=[^&]*/, `date=${day}`).replace(/&page=\d+/, "");
    // Whoever turns the page sees it turn, also to a day that stood on the edge of the one before.
    const { isPaged } = it;
    it.isPaged = false;
    if (isPaged || !document.querySelector(`#calendar [data-at^="${day}"],#calendar [data-day="${day}"]`)) await turn(address, () => lifted === it);
  }
  isTurning = false;
  if (lifted !== it) return;
  mark(it.at);
  say(words.format(it.at));
}

let isTurning = false;

function mark(at: number | null): void {
  for (const marked of document.querySelectorAll(".cal .over")) marked.classList.remove("over");
  if (at === null) return;
  const local = wall(at);
  const place = document.querySelector(`#calendar [data-at^="${local.slice(0, 13)}"]`) ?? document.querySelector(`#calendar [data-day="${local.slice(0, 10)}"]`);
  place?.classList.add("over");
  place?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function giveUp(): void {
  if (!lifted) return;
  lifted.card.classList.remove("lifted");
  lifted = null;
  mark(null);
}

/** Put down nowhere: the card stands where it stood, on the page that had it. */
function dropped(): void {
  const card = lifted?.card;
  giveUp();
  turnBack();
  card?.querySelector<HTMLElement>(".ev-open")?.focus();
  say(calendar()?.dataset["textDropped"] ?? "");
}

function move(event: KeyboardEvent, it: Lifted): void {
  const by = step(event.key);
  const isPage = event.key === "PageDown" || event.key === "PageUp";
  if (by !== 0 || isPage) {
    event.preventDefault();
    it.at = isPage ? paged(it.at, event.key === "PageDown" ? 1 : -1) : it.at + by;
    it.isPaged ||= isPage;
    void follow(it);
  } else if (event.key === "Enter") {
    event.preventDefault();
    giveUp();
    void propose(it.post, wall(it.at), false);
  } else if (event.key === "Escape" || event.key === "Tab") {
    dropped();
  }
}

export function startKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (lifted) return move(event, lifted);
    const card = movable(event.target);
    // By its place on the keyboard: the letter is another one on a Russian layout.
    if (!card || event.code !== "KeyM" || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const post = facts(card);
    lifted = { post, card, at: Date.parse(`${post.local}:00Z`), isPaged: false };
    card.classList.add("lifted");
    mark(lifted.at);
    say(`${card.dataset["title"] ?? ""}. ${calendar()?.dataset["textLifted"] ?? ""}`);
  });
}
