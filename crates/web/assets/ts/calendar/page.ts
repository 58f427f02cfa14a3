// Fetching a part of the calendar and putting it in place of the one that is shown. Owns the address bar, the focus and what is said.

declare global {
  interface Window {
    htmx?: { process(element: Element): void };
  }
}

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
  return document.getElementById("calendar");
}

/** Says a sentence at once to whoever does not see the page. */
export function say(text: string): void {
  const region = document.getElementById("cal-say");
  if (region) region.textContent = text;
}

/** Shows what the server answered; false when it is no calendar. */
async function show(answer: Response): Promise<boolean> {
  const next = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("calendar");
  const now = calendar();
  if (!next || !now) return false;
  now.replaceWith(next);
  window.htmx?.process(next);
  return true;
}

/** Asks for the panel with another time; the button that agrees to it gets the focus. */
export async function propose(post: Moving, to: string, second: boolean): Promise<void> {
  const address = `${calendar()?.dataset["calendar"] ?? "/calendar?"}&move=${post.id}&to=${to}${second ? "&occurrence=second" : ""}`;
  const answer = await fetch(address, { headers: { accept: "text/html" } }).catch(() => null);
  if (!answer?.ok || !(await show(answer))) {
    window.location.assign(address);
    return;
  }
  const panel = document.getElementById("move");
  panel?.scrollIntoView({ block: "nearest" });
  (panel?.querySelector<HTMLElement>("button.primary") ?? panel)?.focus();
  say(panel?.querySelector("h2")?.textContent ?? "");
}

async function send(form: HTMLFormElement, pressed: HTMLElement | null): Promise<void> {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form, pressed)) if (typeof value === "string") body.append(name, value);
  // Not `form.action`: that is the button of this name.
  const answer = await fetch(form.getAttribute("action") ?? "", { method: "POST", body, headers: { accept: "text/html" } }).catch(() => null);
  // The post's revision goes along, so a form that is sent once more changes nothing twice.
  if (!answer || !(await show(answer))) {
    form.submit();
    return;
  }
  if (answer.redirected) history.replaceState(null, "", answer.url);
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
