// Resumable uploads: several files, progress in a glass, pause, and going on after a lost connection or a reload.
import { shared } from "../gallery";

type Client = typeof import("../tus/client");
/** Address of the upload client's bundle; put in by esbuild.mjs. */
declare const TUS_CLIENT: string;

let client: Promise<Client> | undefined;
/** The upload client, fetched once; a fetch that failed is tried anew by the next caller. */
function fetched(): Promise<Client> {
  client ??= (import(TUS_CLIENT) as Promise<Client>).catch((error: unknown) => {
    client = undefined;
    throw error;
  });
  return client;
}

const CHUNK_BYTES = 8 * 1024 * 1024;
const RETRY_MS = [0, 1000, 3000, 5000, 10_000, 20_000, 30_000, 60_000];

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
  running += 1;
  const again = (): void => {
    running -= 1;
    shown.card.remove();
    start(root, file, arrived);
  };
  void fetched().then(({ Upload }) => send(Upload, root, shown, file, arrived), () => {
    shown.note.textContent = root.dataset["textCut"] ?? "";
    shown.bar.classList.add("paused");
    shown.toggle.textContent = root.dataset["textResume"] ?? "";
    shown.toggle.addEventListener("click", again, { once: true });
    shown.remove.addEventListener("click", () => {
      running -= 1;
      shown.card.remove();
    });
  });
}

function send(Upload: Client["Upload"], root: HTMLElement, shown: Row, file: File, arrived?: () => Promise<void>): void {
  const words = root.dataset;
  const place = chosen++;
  let paused = false;
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
      shown.note.textContent = words["textCut"] ?? "";
      const status = error.originalResponse?.getStatus() ?? 0;
      return status === 0 || status === 409 || status === 423 || status >= 500;
    },
    onError(error) {
      const detail = "originalResponse" in error ? error.originalResponse?.getBody() : "";
      shown.note.textContent = explain(detail) || (words["textCut"] ?? "");
      shown.bar.classList.add("paused");
      paused = true;
      shown.toggle.textContent = words["textResume"] ?? "";
    },
    onSuccess(sent) {
      done[place] = sent.lastResponse.getHeader("Moloko-Media") ?? "";
      shown.bar.classList.add("done");
      shown.toggle.hidden = true;
      shown.remove.hidden = true;
      uploaded += 1;
      void (arrived?.() ?? Promise.resolve()).finally(finished);
    },
  });
  const finished = (): void => {
    running -= 1;
    // The list of uploaded files is the server's; with nothing on its way the page shows it anew, the newest file picked.
    // What was uploaded together is picked together, in the order in which it was chosen and not in that of the last bytes.
    const media = done.filter(Boolean).join(",");
    if (running === 0 && uploaded > 0) {
      const next = words["done"] ?? window.location.pathname;
      window.location.assign(`${next}${next.includes("?") ? "&" : "?"}media=${media}`);
    }
  };
  shown.toggle.addEventListener("click", () => {
    paused = !paused;
    shown.bar.classList.toggle("paused", paused);
    shown.toggle.textContent = (paused ? words["textResume"] : words["textPause"]) ?? "";
    if (paused) void upload.abort();
    else upload.start();
  });
  shown.remove.addEventListener("click", () => {
    void upload.abort(true).catch(() => undefined);
    shown.card.remove();
    finished();
  });
  void upload.findPreviousUploads().then((previous) => {
    const last = previous[0];
    if (last) upload.resumeFromPreviousUpload(last);
    upload.start();
  });
}

/** What was shared from another application is uploaded when the person says so, and forgotten when it has arrived. */
async function offer(root: HTMLElement): Promise<void> {
  const box = root.querySelector<HTMLElement>("[data-shared]");
  const files = box ? await shared() : [];
  if (!box || files.length === 0) return;
  const list = box.querySelector("ul");
  for (const { file } of files) list?.append(Object.assign(document.createElement("li"), { textContent: file.name }));
  box.hidden = false;
  box.querySelector("[data-shared-take]")?.addEventListener("click", () => {
    box.hidden = true;
    for (const { file, drop } of files) start(root, file, drop);
  });
  box.querySelector("[data-shared-drop]")?.addEventListener("click", () => {
    box.hidden = true;
    for (const { drop } of files) void drop();
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

if (place) {
  const take = (files: Iterable<File> | null): void => {
    for (const file of files ?? []) start(place, file);
  };
  const button = place.querySelector<HTMLButtonElement>("[data-plain-upload]");
  if (button) button.hidden = true;
  for (const input of place.querySelectorAll<HTMLInputElement>('input[type="file"]')) {
    // While the person looks for a file there is time to fetch what will send it.
    input.addEventListener("click", () => void fetched().catch(() => undefined));
    input.addEventListener("change", () => {
      take(input.files);
      input.value = "";
    });
  }
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
