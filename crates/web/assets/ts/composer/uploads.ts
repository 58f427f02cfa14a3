// Resumable uploads: several files, progress in a glass, pause, and going on after a lost connection or a reload.
import { shared, sharedWords } from "../gallery";

type Client = typeof import("../tus/client");
/** Address of the upload client's bundle; put in by esbuild.mjs. */
declare const TUS_CLIENT: string;

let client: Promise<Client> | undefined;
let asked = 0;
/** Who hears of it when the client could not be fetched and is asked for again. */
const waiting = new Set<() => void>();
/** Pauses before the client is asked for again, milliseconds. */
const AGAIN_MS = [500, 2000, 5000, 15_000];

/** The upload client, fetched once. Browsers remember an address that failed, so each further try has an address of its own. */
function fetched(): Promise<Client> {
  client ??= fetchedAfter(AGAIN_MS).catch((error: unknown) => {
    client = undefined;
    throw error;
  });
  return client;
}

async function fetchedAfter(pauses: readonly number[]): Promise<Client> {
  const address = asked === 0 ? TUS_CLIENT : `${TUS_CLIENT}?${asked}`;
  asked += 1;
  try {
    return await (import(address) as Promise<Client>);
  } catch (error) {
    const [pause, ...rest] = pauses;
    if (pause === undefined) throw error;
    for (const tell of waiting) tell();
    await new Promise((done) => setTimeout(done, pause));
    return fetchedAfter(rest);
  }
}

const CHUNK_BYTES = 8 * 1024 * 1024;
const RETRY_MS = [0, 1000, 3000, 5000, 10_000, 20_000, 30_000, 60_000];

/** Insufficient Storage. */
const NO_ROOM = 507;

const place = document.querySelector<HTMLElement>("[data-uploads]");

interface Row {
  card: HTMLElement;
  bar: HTMLProgressElement;
  note: HTMLElement;
  toggle: HTMLButtonElement;
  remove: HTMLButtonElement;
}

/** "8.4 / 75 MB": both figures in the unit of the whole. */
function sentOf(sent: number, total: number): string {
  const [unit, size] = total < 1_000_000 ? ["kilobyte", 1_000] : ["megabyte", 1_000_000];
  const figure = (bytes: number, more: Intl.NumberFormatOptions = {}): string =>
    new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: bytes < 10 * size ? 1 : 0, ...more }).format(bytes / size);
  return `${figure(sent)} / ${figure(total, { style: "unit", unit })}`;
}

function row(root: HTMLElement, name: string): Row | null {
  const template = root.querySelector<HTMLTemplateElement>("template");
  const list = root.querySelector<HTMLElement>("[data-upload-list]");
  const card = template?.content.firstElementChild?.cloneNode(true);
  if (!list || !(card instanceof HTMLElement)) return null;
  const find = <T extends Element>(selector: string): T | null => card.querySelector<T>(selector);
  const [bar, note, toggle, remove, title] = [
    find<HTMLProgressElement>("progress"),
    find<HTMLElement>("[data-note]"),
    find<HTMLButtonElement>("[data-toggle]"),
    find<HTMLButtonElement>("[data-remove]"),
    find<HTMLElement>("[data-name]"),
  ];
  if (!bar || !note || !toggle || !remove || !title) return null;
  title.textContent = name;
  bar.setAttribute("aria-label", name);
  list.append(card);
  return { card, bar, note, toggle, remove };
}

/** Draws the milk: the level moves from 52.5 (empty) to 8 (full) in the glass's own units. */
function pour(card: HTMLElement, part: number): void {
  const milk = card.querySelector<SVGRectElement>("[data-milk]");
  milk?.setAttribute("y", String(52.5 - 44.5 * part));
}

function start(root: HTMLElement, file: File, arrived?: () => Promise<void>): void {
  const shown = row(root, file.name);
  if (!shown) return;
  const job: Job = { root, shown, file, place: chosen++, paused: false, removed: false, arrived };
  running += 1;
  shown.toggle.addEventListener("click", () => {
    job.paused = !job.paused;
    shown.bar.classList.toggle("paused", job.paused);
    shown.toggle.textContent = (job.paused ? root.dataset["textResume"] : root.dataset["textPause"]) ?? "";
    if (job.paused) void job.upload?.abort();
    else if (job.upload) job.upload.start();
    else go(job);
  });
  shown.remove.addEventListener("click", () => {
    job.removed = true;
    void job.upload?.abort(true).catch(() => undefined);
    shown.card.remove();
    finished(root);
  });
  go(job);
}

interface Job {
  root: HTMLElement;
  shown: Row;
  file: File;
  place: number;
  paused: boolean;
  removed: boolean;
  arrived: (() => Promise<void>) | undefined;
  upload?: InstanceType<Client["Upload"]>;
}

/** Fetches what sends, and sends; a press meanwhile holds. */
function go(job: Job): void {
  const tell = (): void => {
    job.shown.note.textContent = job.root.dataset["textCut"] ?? "";
  };
  waiting.add(tell);
  void fetched().finally(() => waiting.delete(tell)).then(
    ({ Upload }) => {
      if (!job.removed && !job.upload) send(Upload, job);
    },
    () => {
      job.paused = true;
      tell();
      job.shown.bar.classList.add("paused");
      job.shown.toggle.textContent = job.root.dataset["textResume"] ?? "";
    },
  );
}

/**
 * One less is on its way. The list of uploaded files is the server's; with nothing on its way the page shows it anew, the newest file picked.
 * What was uploaded together is picked together, in the order in which it was chosen and not in that of the last bytes.
 */
function finished(root: HTMLElement): void {
  running -= 1;
  const media = done.filter(Boolean).join(",");
  if (running === 0 && uploaded > 0) {
    const next = root.dataset["done"] ?? window.location.pathname;
    window.location.assign(`${next}${next.includes("?") ? "&" : "?"}media=${media}`);
  }
}

function send(Upload: Client["Upload"], job: Job): void {
  const { root, shown, file, place, arrived } = job;
  const words = root.dataset;
  const upload = new Upload(file, {
    endpoint: words["uploads"] ?? "/api/v1/uploads",
    chunkSize: CHUNK_BYTES,
    retryDelays: RETRY_MS,
    removeFingerprintOnSuccess: true,
    metadata: { filename: file.name, filetype: file.type },
    onProgress(sent, total) {
      const part = total > 0 ? sent / total : 0;
      shown.bar.max = total;
      shown.bar.value = sent;
      shown.note.textContent = sentOf(sent, total);
      pour(shown.card, part);
    },
    onShouldRetry(error) {
      const status = error.originalResponse?.getStatus() ?? 0;
      // An answer was no lost connection: what it says is told, and a server without room is not asked again and again.
      shown.note.textContent = explain(error.originalResponse?.getBody()) || (words["textCut"] ?? "");
      return status === 0 || status === 409 || status === 423 || (status >= 500 && status !== NO_ROOM);
    },
    onError(error) {
      const detail = "originalResponse" in error ? error.originalResponse?.getBody() : "";
      shown.note.textContent = explain(detail) || (words["textCut"] ?? "");
      shown.bar.classList.add("paused");
      job.paused = true;
      shown.toggle.textContent = words["textResume"] ?? "";
    },
    onSuccess(sent) {
      done[place] = sent.lastResponse.getHeader("Moloko-Media") ?? "";
      shown.bar.classList.add("done");
      shown.toggle.hidden = true;
      shown.remove.hidden = true;
      uploaded += 1;
      void (arrived?.() ?? Promise.resolve()).finally(() => finished(root));
    },
  });
  job.upload = upload;
  void upload.findPreviousUploads().then((previous) => {
    const last = previous[0];
    if (last) upload.resumeFromPreviousUpload(last);
    if (!job.paused && !job.removed) upload.start();
  });
}

/** What was shared from another application is uploaded when the person says so, and forgotten when it has arrived. */
async function offer(root: HTMLElement): Promise<void> {
  const box = root.querySelector<HTMLElement>("[data-shared]");
  const [files, words] = box ? await Promise.all([shared(), sharedWords()]) : [[], undefined];
  if (!box || (files.length === 0 && !words)) return;
  const line = box.querySelector<HTMLElement>("[data-shared-words]");
  if (line && words) {
    line.hidden = false;
    line.querySelector("q")?.append(words.text);
  }
  const list = box.querySelector("ul");
  for (const { file } of files) list?.append(Object.assign(document.createElement("li"), { textContent: file.name }));
  box.hidden = false;
  const button = box.querySelector<HTMLButtonElement>("[data-shared-take]");
  if (button) button.hidden = files.length === 0;
  button?.addEventListener("click", () => {
    box.hidden = true;
    for (const { file, drop } of files) start(root, file, drop);
  });
  box.querySelector("[data-shared-drop]")?.addEventListener("click", () => {
    box.hidden = true;
    for (const { drop } of files) void drop();
    void words?.drop();
  });
}

let running = 0;
let uploaded = 0;
let chosen = 0;
const done: string[] = [];

/** The server's own sentence out of a problem document, when there is one. */
function explain(body: string | undefined): string {
  if (!body) return "";
  try {
    const problem: unknown = JSON.parse(body);
    if (typeof problem === "object" && problem !== null && "detail" in problem && typeof problem.detail === "string") return problem.detail;
  } catch {
    return "";
  }
  return "";
}

// What stands in for this script where it does not come stays hidden.
document.documentElement.dataset["scripted"] = "";

if (place) {
  const take = (files: Iterable<File> | null): void => {
    for (const file of files ?? []) start(place, file);
  };
  const button = place.querySelector<HTMLElement>("[data-plain-upload]");
  if (button) button.hidden = true;
  for (const input of place.querySelectorAll<HTMLInputElement>('input[type="file"]')) {
    input.addEventListener("change", () => {
      take(input.files);
      input.value = "";
    });
    // Chosen before this script ran.
    if (input.files?.length) input.dispatchEvent(new Event("change"));
  }
  // Once the page stands, so that a file that is chosen later is not kept waiting.
  window.addEventListener("load", () => setTimeout(() => void fetched().catch(() => undefined), 500));
  void offer(place);
  place.addEventListener("dragover", (event) => {
    event.preventDefault();
    place.classList.add("over");
  });
  place.addEventListener("dragleave", () => place.classList.remove("over"));
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    place.classList.remove("over");
    take(event.dataTransfer?.files ?? null);
  });
  window.addEventListener("beforeunload", (event) => {
    if (running > 0) event.preventDefault();
  });
}
