// Behaviour of the post page's form: what is missing, what excludes what, the preview, autosave, clock jumps.
export {};

const form = document.querySelector<HTMLFormElement>("form[data-composer]");

function box(root: ParentNode, id: string): HTMLInputElement | null {
  return root.querySelector<HTMLInputElement>(`#${id}`);
}

function radios(root: HTMLFormElement): HTMLInputElement[] {
  return [...root.querySelectorAll<HTMLInputElement>('input[name="privacy"]')];
}

/** The first thing that stops the post, in the words the server rendered; empty when nothing does. */
function missing(root: HTMLFormElement): { text: string; field: HTMLElement | null } {
  const fixed = root.dataset["whyServer"];
  if (fixed) return { text: fixed, field: root.querySelector("#account") };
  const chosen = radios(root).find((radio) => radio.checked);
  if (!chosen) return { text: root.dataset["whyPrivacy"] ?? "", field: root.querySelector("#privacy summary") };
  const on = box(root, "disc")?.checked ?? false;
  const own = box(root, "yb")?.checked ?? false;
  const branded = box(root, "bc")?.checked ?? false;
  if (on && !own && !branded) return { text: root.dataset["whyDisclosure"] ?? "", field: box(root, "yb") };
  if (on && branded && chosen.value === "SELF_ONLY") return { text: root.dataset["whyBranded"] ?? "", field: chosen };
  const caption = root.querySelector<HTMLTextAreaElement>("#caption");
  if (caption && caption.value.length > Number(caption.dataset["limit"])) return { text: root.dataset["whyCaption"] ?? "", field: caption };
  return { text: "", field: null };
}

/** Branded content and a private audience exclude each other; whichever came first wins and the other one says why. */
function exclude(root: HTMLFormElement): void {
  const branded = box(root, "bc");
  const on = box(root, "disc")?.checked ?? false;
  const narrow = (radio: HTMLInputElement) => radio.value === "SELF_ONLY" || radio.value === "FOLLOWER_OF_CREATOR";
  const isBranded = on && (branded?.checked ?? false);
  const note = root.querySelector<HTMLElement>(".when-branded span")?.textContent ?? "";
  for (const radio of radios(root).filter(narrow)) {
    radio.disabled = isBranded && !radio.checked;
    const option = radio.closest("label");
    if (option && radio.value === "SELF_ONLY") explain(option, radio, radio.disabled ? note : "");
  }
  if (branded && !branded.checked) {
    const all = radios(root);
    branded.disabled = all.some((radio) => radio.checked && narrow(radio)) || (all.length > 0 && all.every(narrow));
  }
}

/** The reason beside a refused entry: to hover, to read, and for screen readers. */
function explain(option: HTMLLabelElement, radio: HTMLInputElement, note: string): void {
  option.title = note;
  let small = option.querySelector("small");
  if (!note) {
    small?.remove();
    radio.removeAttribute("aria-describedby");
    return;
  }
  if (!small) {
    small = document.createElement("small");
    small.id = `${radio.id}-note`;
    option.append(small);
  }
  small.textContent = note;
  radio.setAttribute("aria-describedby", small.id);
}

function refresh(root: HTMLFormElement): void {
  exclude(root);
  const { text } = missing(root);
  const why = root.querySelector<HTMLElement>("#why");
  const words = root.querySelector<HTMLElement>("[data-why]");
  if (why && words) {
    words.textContent = text;
    why.hidden = text === "";
  }
  for (const button of root.querySelectorAll<HTMLButtonElement>("button[data-sends]")) {
    if (text) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
    // TikTok's own sentence for an empty disclosure stays the hover text; it stands in the page already.
    const empty = root.querySelector<HTMLElement>(".p-none [lang='en']")?.textContent ?? text;
    button.title = text && text === root.dataset["whyDisclosure"] ? empty : text;
  }
}

// A sign that opens a word; the server cuts in the same way (`domain::caption::stretches`).
const TAGGED = /(?<![\p{L}\p{N}_])(?:#[\p{L}\p{N}_]+|@[\p{L}\p{N}_](?:[\p{L}\p{N}_.]*[\p{L}\p{N}_])?)/gu;

/** The caption in the preview with hashtags and mentions marked, and how many there are of each. */
function markTags(root: HTMLFormElement, caption: string, shown: HTMLElement | null): void {
  const found = [...caption.matchAll(TAGGED)];
  const count = (sign: string, place: string): void => {
    const told = root.querySelector(place);
    if (told) told.textContent = String(found.filter(([text]) => text.startsWith(sign)).length);
  };
  count("#", "[data-count-hashtags]");
  count("@", "[data-count-mentions]");
  if (!shown) return;
  let from = 0;
  const pieces: (string | Node)[] = [];
  for (const one of found) {
    const tagged = document.createElement("em");
    tagged.className = "tagged";
    tagged.textContent = one[0];
    pieces.push(caption.slice(from, one.index), tagged);
    from = one.index + one[0].length;
  }
  shown.replaceChildren(...pieces, caption.slice(from));
}

function preview(root: HTMLFormElement): void {
  const caption = root.querySelector<HTMLTextAreaElement>("#caption");
  const shown = root.querySelector<HTMLElement>("#preview-caption");
  caption?.addEventListener("input", () => markTags(root, caption.value, shown));
  const cover = box(root, "cover");
  const video = root.querySelector<HTMLVideoElement>("#preview");
  const time = root.querySelector<HTMLOutputElement>("#cover-time");
  const strip = root.querySelector<HTMLElement>("[data-covers]");
  const frames = [...(strip?.querySelectorAll<HTMLInputElement>(".covers input") ?? [])];
  // The slider itself says that the moment is its own.
  strip?.querySelector("[data-own-moment]")?.remove();
  // Only an exact hit is marked: between two frames the slider decides.
  const mark = (): void => {
    for (const frame of frames) frame.checked = cover !== null && Math.abs(Number(frame.value) - Number(cover.value)) <= 50;
  };
  // A frame may be picked before this runs, by a quick hand or by the way back to the page.
  const picked = frames.find((frame) => frame.checked);
  if (cover && picked) cover.value = picked.value;
  mark();
  strip?.addEventListener("input", (event) => {
    if (!cover || !(event.target instanceof HTMLInputElement)) return;
    cover.value = event.target.value;
    cover.dispatchEvent(new Event("input", { bubbles: true }));
  });
  cover?.addEventListener("input", () => {
    mark();
    const ms = Number(cover.value);
    if (video) {
      video.pause();
      video.currentTime = ms / 1000;
    }
    const seconds = Math.floor(ms / 1000);
    if (time) time.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}.${Math.floor((ms % 1000) / 100)}`;
  });
}

/** Says what a clock change does to the chosen time, as soon as it is chosen. */
function clockJumps(root: HTMLFormElement): void {
  const row = root.querySelector<HTMLElement>("[data-when]");
  const place = root.querySelector<HTMLElement>("#jump");
  const [date, time] = [box(root, "date"), box(root, "time")];
  const zone = root.querySelector<HTMLInputElement>('input[name="zone"]');
  if (!row || !place || !date || !time || !zone) return;
  const ask = async (): Promise<void> => {
    if (!date.value || !time.value) return;
    const query = new URLSearchParams({ local: `${date.value}T${time.value.slice(0, 5)}`, zone: zone.value });
    const post = row.dataset["post"];
    if (post) query.set("post", post);
    const answer = await fetch(`${row.dataset["when"]}?${query.toString()}`).catch(() => null);
    if (!answer?.ok) return;
    // The answer is our own markup under our own policy: no script runs from it.
    place.innerHTML = await answer.text();
  };
  date.addEventListener("change", () => void ask());
  time.addEventListener("change", () => void ask());
}

/** A planned post is not saved while somebody types, for that would take it off the plan: so whoever leaves with changes is asked. */
function askBeforeLeaving(root: HTMLFormElement): void {
  let isChanged = root.dataset["unsaved"] !== undefined;
  root.addEventListener("input", () => (isChanged = true));
  root.addEventListener("submit", () => (isChanged = false));
  window.addEventListener("beforeunload", (event) => {
    if (isChanged) event.preventDefault();
  });
}

const QUIET_MS = 900;
/** After a save that nobody answered. */
const AGAIN_MS = 5_000;
/** So long leaving waits for a save. */
const LEAVE_MS = 2_000;

/** Saves a draft a moment after the last change; one request at a time, the newest text wins. */
function autosave(root: HTMLFormElement): void {
  const address = root.dataset["autosave"];
  const revision = root.querySelector<HTMLInputElement>('input[name="revision"]');
  if (!address || !revision) return askBeforeLeaving(root);
  let timer = 0;
  let running = false;
  let again = false;
  let stopped = false;
  const sign = root.querySelector<HTMLElement>("[data-saved]");
  /** When the draft was saved, in the reader's zone. */
  const signed = (): void => {
    const time = sign?.querySelector("time");
    if (!sign || !time) return;
    time.textContent = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: sign.dataset["zone"] }).format();
    sign.hidden = false;
  };
  /** Another window was quicker: it is said where it stays, and nothing of it is overwritten. */
  const conflict = (): void => {
    stopped = true;
    if (sign) sign.hidden = true;
    const told = document.querySelector<HTMLElement>("[data-conflict]");
    if (!told) return;
    told.hidden = false;
    told.setAttribute("role", "alert");
    told.scrollIntoView({ block: "center" });
  };
  const typed = (): URLSearchParams => {
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(root)) if (typeof value === "string") body.append(name, value);
    return body;
  };
  const save = async (): Promise<void> => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    timer = 0;
    const answer = await fetch(address, { method: "PUT", body: typed(), keepalive: true }).catch(() => null);
    running = false;
    if (answer?.ok) {
      const saved: unknown = await answer.json();
      if (typeof saved === "object" && saved !== null && "revision" in saved) revision.value = String(saved.revision);
      signed();
    } else if (answer?.status === 409) {
      conflict();
    } else {
      // "Saved" would not be true any more.
      if (sign) sign.hidden = true;
      if ((answer === null || answer.status >= 500) && timer === 0) timer = window.setTimeout(() => void save(), AGAIN_MS);
    }
    if (again && !stopped) {
      again = false;
      void save();
    }
  };
  root.addEventListener("input", () => {
    if (stopped) return;
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void save(), QUIET_MS);
  });
  // A save that is still on its way would make the pressed button's revision stale.
  root.addEventListener("submit", (event) => {
    window.clearTimeout(timer);
    timer = 0;
    if (!running) return;
    event.preventDefault();
    const pressed = event.submitter instanceof HTMLElement ? event.submitter : null;
    const wait = window.setInterval(() => {
      if (running) return;
      window.clearInterval(wait);
      root.requestSubmit(pressed);
    }, 50);
  });
  const isPending = (): boolean => !stopped && (timer !== 0 || running);
  /** Saves what is not saved yet, and waits for it, but not for ever. */
  const settled = async (): Promise<void> => {
    const until = Date.now() + LEAVE_MS;
    if (timer !== 0) {
      window.clearTimeout(timer);
      timer = 0;
      void save();
    }
    while (isPending() && Date.now() < until) await new Promise((done) => setTimeout(done, 25));
  };
  // Who leaves by a link or a button a moment after the last change takes it along: a request that is sent while the page goes is lost where a
  // service worker stands in between, so it is sent before.
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[href]") : null;
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (!link || !plain || event.defaultPrevented || link.target || link.hasAttribute("download") || !isPending()) return;
    const away = link.origin === location.origin && (link.pathname !== location.pathname || link.search !== location.search);
    if (!away) return;
    event.preventDefault();
    void settled().then(() => location.assign(link.href));
  });
  document.addEventListener("submit", (event) => {
    const other = event.target;
    if (!(other instanceof HTMLFormElement) || other === root || other.closest("#beside") || event.defaultPrevented || !isPending()) return;
    event.preventDefault();
    const pressed = event.submitter instanceof HTMLElement ? event.submitter : null;
    void settled().then(() => other.requestSubmit(pressed));
  });
  // Every other way out: a phone that is put away, an address that is typed, a tab that is closed.
  const leave = (): void => {
    if (timer === 0 || stopped) return;
    window.clearTimeout(timer);
    timer = 0;
    void fetch(address, { method: "PUT", body: typed(), keepalive: true }).catch(() => null);
  };
  window.addEventListener("beforeunload", leave);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && timer !== 0) {
      window.clearTimeout(timer);
      void save();
    }
  });
  window.addEventListener("pagehide", leave);
}

if (form) {
  form.addEventListener("change", () => refresh(form));
  form.addEventListener("input", () => refresh(form));
  form.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button[data-sends]") : null;
    if (button?.getAttribute("aria-disabled") !== "true") return;
    event.preventDefault();
    missing(form).field?.focus();
  });
  // Enter on an audience takes it and folds the list, instead of sending the form.
  form.addEventListener("keydown", (event) => {
    const list = event.key === "Enter" && event.target instanceof Element ? event.target.closest<HTMLDetailsElement>(".listbox-pop")?.closest("details") : null;
    if (!list) return;
    event.preventDefault();
    list.open = false;
    list.querySelector("summary")?.focus();
  });
  preview(form);
  clockJumps(form);
  autosave(form);
  refresh(form);
}
