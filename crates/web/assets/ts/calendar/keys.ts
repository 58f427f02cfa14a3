// Moving by keyboard: M lifts the focused card, arrows choose day and hour, Enter goes on to the panel, Escape gives up.
import { type Moving, calendar, facts, movable, propose, say } from "./page";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface Lifted {
  post: Moving;
  card: HTMLElement;
  /** The wall-clock time that is chosen, as if it were UTC: no zone has a part in counting hours on a wall. */
  at: number;
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

function mark(at: number | null): void {
  for (const marked of document.querySelectorAll(".cal .over")) marked.classList.remove("over");
  if (at === null) return;
  const local = wall(at);
  const place = document.querySelector(`[data-at^="${local.slice(0, 13)}"]`) ?? document.querySelector(`[data-day="${local.slice(0, 10)}"]`);
  place?.classList.add("over");
  place?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function giveUp(): void {
  if (!lifted) return;
  lifted.card.classList.remove("lifted");
  lifted = null;
  mark(null);
}

function move(event: KeyboardEvent, it: Lifted): void {
  const by = step(event.key);
  if (by !== 0) {
    event.preventDefault();
    it.at += by;
    mark(it.at);
    say(words.format(it.at));
  } else if (event.key === "Enter") {
    event.preventDefault();
    giveUp();
    void propose(it.post, wall(it.at), false);
  } else if (event.key === "Escape" || event.key === "Tab") {
    giveUp();
    say(calendar()?.dataset["textDropped"] ?? "");
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
    lifted = { post, card, at: Date.parse(`${post.local}:00Z`) };
    card.classList.add("lifted");
    mark(lifted.at);
    say(`${card.dataset["title"] ?? ""}. ${calendar()?.dataset["textLifted"] ?? ""}`);
  });
}
