// Fetching a part of a page and putting it in place of the one that is shown. Owns the address bar, and what is said to whoever does not
// see the page; which part it is belongs to the page.

declare global {
  interface Window {
    htmx?: { process(element: Element): void };
  }
}

/** A part of a page, by its id and the id of the region that speaks for it. */
export interface Part {
  id: string;
  say: string;
}

export function shown(part: Part): HTMLElement | null {
  return document.getElementById(part.id);
}

/** Says a sentence at once to whoever does not see the page. */
export function say(part: Part, text: string): void {
  const region = document.getElementById(part.say);
  if (region) region.textContent = text;
}

async function within(part: Part, answer: Response): Promise<HTMLElement | null> {
  return new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
}

/** Shows what the server answered; false when the part is not in it. `about` is called right before the part that is shown goes. */
export async function show(part: Part, answer: Response, about?: () => void): Promise<boolean> {
  const next = await within(part, answer);
  const now = shown(part);
  if (!next || !now) return false;
  about?.();
  now.replaceWith(next);
  window.htmx?.process(next);
  return true;
}

/** As `show`, but what was shown stays in the page, unseen: a finger that holds a card of it goes on being heard. Gives what it was. */
export async function showBefore(part: Part, answer: Response): Promise<HTMLElement | null> {
  const next = await within(part, answer);
  const now = shown(part);
  if (!next || !now) return null;
  now.before(next);
  now.removeAttribute("id");
  now.hidden = true;
  window.htmx?.process(next);
  return now;
}

/** Says that nothing came back, also to whoever sees the page. */
function lost(part: Part): void {
  const toasts = document.getElementById("toasts");
  const words = toasts?.dataset["lost"] ?? "";
  const toast = document.createElement("span");
  toast.className = "toast";
  toast.textContent = words;
  toasts?.append(toast);
  if (part.say !== "toasts") say(part, words);
}

/** Sends a form and shows the answer, as `show`; false when nothing came of it, or it was left to the browser. */
export async function send(part: Part, form: HTMLFormElement, pressed: HTMLElement | null, about?: () => void): Promise<boolean> {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form, pressed)) if (typeof value === "string") body.append(name, value);
  // Not `form.action`: that is the button of this name.
  const answer = await fetch(form.getAttribute("action") ?? "", { method: "POST", body, headers: { accept: "text/html" } }).catch(() => null);
  // Nobody answered, or the server could not: what was typed stays where it is, and the form can be sent once more.
  if (!answer || answer.status >= 500) {
    lost(part);
    return false;
  }
  // What was seen goes along, so a form that is sent once more changes nothing twice.
  if (!(await show(part, answer, about))) {
    form.submit();
    return false;
  }
  if (answer.redirected) history.replaceState(null, "", answer.url);
  return true;
}
