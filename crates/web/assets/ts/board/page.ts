// The board while something is moved on it: where a card may go, the request that moves it, its panel, the focus and what is said.
import { type Part, say as sayAt, send, show, shown } from "../part";

const BOARD: Part = { id: "board", say: "board-say" };

export function board(): HTMLElement | null {
  return shown(BOARD);
}

export function say(text: string): void {
  sayAt(BOARD, text);
}

export function words(name: "Lifted" | "Dropped" | "Spot" | "Plan" | "File" | "Stays"): string {
  return board()?.dataset[`text${name}`] ?? "";
}

export function cardOf(target: EventTarget | null): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>(".board [data-card]") : null;
}

/** A column, or the tab that stands for it. */
export function columnOf(target: Element | null): HTMLElement | null {
  return target?.closest<HTMLElement>("#board [data-drop]") ?? null;
}

export function stageOf(column: HTMLElement | null): string {
  return column?.dataset["drop"] ?? "";
}

export function isIdea(card: HTMLElement): boolean {
  return card.dataset["card"]?.startsWith("idea.") ?? false;
}

/** Whether a card may be put into a column: a post with a file does not become an idea again. */
export function may(card: HTMLElement, stage: string): boolean {
  return isIdea(card) || stage !== "ideas";
}

/** Whether a column opens a page instead of taking the card at once. */
export function opens(card: HTMLElement, stage: string): "Plan" | "File" | null {
  if (isIdea(card)) return stage === "ideas" ? null : "File";
  return stage === "scheduled" ? "Plan" : null;
}

/** Puts a card into a column below another one, or on top. */
export async function put(card: HTMLElement, stage: string, above: HTMLElement | null): Promise<void> {
  const name = card.dataset["card"] ?? "";
  const [kind, id] = name.split(".");
  if (opens(card, stage)) {
    window.location.assign(kind === "idea" ? `/compose?idea=${id}` : (card.dataset["plan"] ?? "/board"));
    return;
  }
  const query = (board()?.dataset["board"] ?? "").split("?")[1] ?? "";
  const form = document.createElement("form");
  form.method = "post";
  form.setAttribute("action", `/board/${kind}s/${id}/move?${query}`);
  const facts = { stage, revision: card.dataset["revision"] ?? "0", above: above?.dataset["card"] ?? "" };
  for (const [field, value] of Object.entries(facts)) {
    const input = document.createElement("input");
    input.type = "hidden";
    input.name = field;
    input.value = value;
    form.append(input);
  }
  form.hidden = true;
  document.body.append(form);
  if (await sendKeeping(form, null)) told(id ?? "");
  form.remove();
}

function newIdea(): HTMLTextAreaElement | null {
  return document.querySelector<HTMLTextAreaElement>("#idea-new");
}

/** Puts back what was being typed, as typing would: the count below it goes along. */
function retype(field: HTMLTextAreaElement, text: string): void {
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Sends a form of the board; an idea that is being typed elsewhere on it stays. */
async function sendKeeping(form: HTMLFormElement, pressed: HTMLElement | null): Promise<boolean> {
  let typed = "";
  const own = form.contains(newIdea());
  // Until the moment in which the page is drawn anew: somebody may go on typing while the move is under way.
  const done = await send(BOARD, form, pressed, () => (typed = own ? "" : (newIdea()?.value ?? "")));
  const field = newIdea();
  if (done && field && typed) retype(field, typed);
  return done;
}

/** Says what came of a move; the card keeps the focus. */
function told(id: string): void {
  const said = document.getElementById("moved") ?? document.querySelector<HTMLElement>("#board [role=alert]");
  const card = document.querySelector<HTMLElement>(`#card-${CSS.escape(id)} .ev-open`);
  const seen = card && card.getClientRects().length > 0 ? card : said;
  seen?.focus();
  say(said?.textContent ?? "");
}

/** Shows the panel of a card without loading the page anew. */
async function closeLook(address: string): Promise<void> {
  const answer = await fetch(address, { headers: { accept: "text/html" } }).catch(() => null);
  let typed = "";
  if (!answer?.ok || !(await show(BOARD, answer, () => (typed = newIdea()?.value ?? "")))) {
    window.location.assign(address);
    return;
  }
  const field = newIdea();
  if (field && typed) retype(field, typed);
  const panel = document.getElementById("card");
  panel?.focus();
  say(panel?.querySelector("h2")?.textContent ?? "");
}

export function startPage(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target instanceof HTMLFormElement ? event.target.closest<HTMLFormElement>("#board form[data-move]") : null;
    if (!form) return;
    event.preventDefault();
    const id = /\/([0-9a-f-]{36})\/move/.exec(form.getAttribute("action") ?? "")?.[1];
    void sendKeeping(form, event.submitter).then((done) => {
      if (!done) return;
      if (id) told(id);
      else document.getElementById("idea-new")?.focus();
    });
  });
  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || !(event.target instanceof Element)) return;
    const link = event.target.closest<HTMLAnchorElement>(`#board a[href*="&card="]`);
    if (!link) return;
    event.preventDefault();
    void closeLook(link.href);
  });
}
