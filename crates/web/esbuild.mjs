// Bundles scripts, styles, fonts and pictures into assets/dist under names that carry their content's hash,
// compresses what compresses, and writes manifest.json: logical name -> file name. Nothing here reaches the network.
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import subsetFont from "subset-font";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const DIST = "assets/dist";
// Budgets in bytes after gzip. Every page loads app.js, and live.js when it stands and shows what changes by itself; the post page composer.js
// too (a twelfth of it saves what is typed a moment before leaving, and says that an upload client did not come), and tus.js once a file is chosen. A half of
// analytics.css is the table of weekdays and hours.
const BUDGETS = { "app.js": 3 * 1024, "live.js": 16 * 1024, "composer.js": 5.5 * 1024, "tus.js": 14 * 1024, "calendar.js": 4 * 1024, "board.js": 4 * 1024, "bulk.js": 8 * 1024, "rhythm.js": 2 * 1024, "operator.js": 2 * 1024, "push.js": 2 * 1024, "reports.js": 1024, "app.css": 12 * 1024, "composer.css": 3 * 1024, "calendar.css": 3 * 1024, "board.css": 3 * 1024, "analytics.css": 1.75 * 1024, "report.css": 1.5 * 1024, "bulk.css": 2 * 1024, "operator.css": 1024, "onest-latin.woff2": 14 * 1024, "onest-cyrillic.woff2": 9 * 1024 };

await rm(DIST, { recursive: true, force: true });
await mkdir(DIST, { recursive: true });

const CHOICES = {
  outdir: DIST,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome123", "firefox121", "safari17.5"],
  // light-dark() and nesting are written for browsers that know them
  supported: { nesting: true },
  entryNames: "[name]-[hash]",
  // every browser we support has these built in; together they would cost 4 KB of an upload
  alias: { "url-parse": "./assets/ts/tus/url.ts", "js-base64": "./assets/ts/tus/base64.ts" },
  assetNames: "[name]-[hash]",
  publicPath: "/assets",
  loader: { ".woff2": "file" },
  // htmx's console chatter would cost 200 bytes of every first visit; failures are reported by assets/ts/behaviours.ts
  drop: ["console"],
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
};

// The letters nearly every page needs, apart from those that names and captions may bring; of the weights only those in use, and of the
// features kerning, marks and figures of one width.
const ONEST = "node_modules/@fontsource-variable/onest/files";
const FONTS = "node_modules/.moloko-fonts";
const from = (first, last) => Array.from({ length: last - first + 1 }, (_, n) => String.fromCodePoint(first + n)).join("");
const WEIGHTS = { wght: { min: 450, max: 780, default: 450 } };
const FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl", "tnum"];
const CUTS = {
  "onest-latin": ["onest-latin-wght-normal", from(0x20, 0x7e) + from(0x2010, 0x2027) + "\u00a0\u00a9\u00ab\u00b0\u00b7\u00bb\u00d7\u2009\u202f\u2190\u2192\u2116\u2212"],
  "onest-latin-more": ["onest-latin-wght-normal", from(0xa1, 0xff) + "\u0131\u0152\u0153\u02c6\u02da\u02dc\u20ac\u2122\u2191\u2193"],
  "onest-cyrillic": ["onest-cyrillic-wght-normal", from(0x410, 0x44f) + "\u0401\u0451\u0301"],
  "onest-cyrillic-more": ["onest-cyrillic-wght-normal", from(0x400, 0x40f) + from(0x450, 0x45f) + "\u0490\u0491\u04b0\u04b1"],
};
await mkdir(FONTS, { recursive: true });
for (const [name, [source, letters]] of Object.entries(CUTS)) {
  const whole = await readFile(join(ONEST, `${source}.woff2`));
  await writeFile(join(FONTS, `${name}.woff2`), await subsetFont(whole, letters, { targetFormat: "woff2", variationAxes: WEIGHTS, keepFeatures: FEATURES }));
}

// What is fetched only when it is needed, by the address that goes into the others.
const later = await build({ ...CHOICES, entryPoints: { tus: "assets/ts/tus/client.ts", live: "assets/ts/live.ts" } });
const fileOf = (name) => Object.keys(later.metafile.outputs).map((path) => basename(path)).find((file) => file.startsWith(`${name}-`));
const manifest = { "tus.js": fileOf("tus"), "live.js": fileOf("live") };

const SHEETS = ["composer", "calendar", "bulk", "board", "analytics", "report", "operator", "gallery"];
const entry = (name) => [name, `assets/ts/${name}.ts`];
const result = await build({
  ...CHOICES,
  entryPoints: { ...Object.fromEntries(["app", "composer", "calendar", "board", "bulk", "rhythm", "operator", "push", "reports"].map(entry)), ...Object.fromEntries(SHEETS.map((name) => [`sheet-${name}`, `assets/css/sheets/${name}.css`])), style: "assets/css/app.css" },
  define: { TUS_CLIENT: JSON.stringify(`/assets/${manifest["tus.js"]}`), LIVE_UPDATES: JSON.stringify(`/assets/${manifest["live.js"]}`) },
});

for (const [path, output] of Object.entries(result.metafile.outputs)) {
  const file = basename(path);
  if (output.entryPoint) {
    const entry = basename(output.entryPoint);
    manifest[entry.endsWith(".ts") ? entry.replace(/\.ts$/, ".js") : entry] = file;
  } else {
    manifest[file.replace(/-[A-Z0-9]{8}(\.\w+)$/, "$1")] = file;
  }
}

async function emit(name, bytes) {
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 8).toUpperCase();
  const ext = extname(name);
  const file = `${basename(name, ext)}-${hash}${ext}`;
  await writeFile(join(DIST, file), bytes);
  manifest[name] = file;
}

for (const name of (await readdir("assets/pictures")).sort()) {
  await emit(name, await readFile(join("assets/pictures", name)));
}

// Home screens of phones and messages want pictures of dots. They are drawn here from the same marks, so none lies in the repository.
await initWasm(await readFile("node_modules/@resvg/resvg-wasm/index_bg.wasm"));
const drawn = (name, width) => readFile(`assets/pictures/${name}`, "utf8").then((svg) => new Resvg(svg, { fitTo: { mode: "width", value: width } }).render().asPng());
await emit("apple-touch-icon.png", await drawn("maskable.svg", 180));
for (const width of [192, 512]) {
  await emit(`icon-${width}.png`, await drawn("favicon.svg", width));
  await emit(`maskable-${width}.png`, await drawn("maskable.svg", width));
}
await emit("badge.png", await drawn("favicon.svg", 96));
await emit("icons.svg", await readFile("assets/icons.svg"));
await emit(
  "site.webmanifest",
  Buffer.from(
    JSON.stringify({
      id: "/",
      name: "MOLOKO.VIDEO",
      short_name: "Moloko",
      start_url: "/",
      display: "standalone",
      background_color: "#f7f1e4",
      theme_color: "#f7f1e4",
      icons: [
        ...[192, 512].flatMap((width) => [
          { src: `/assets/${manifest[`icon-${width}.png`]}`, sizes: `${width}x${width}`, type: "image/png", purpose: "any" },
          { src: `/assets/${manifest[`maskable-${width}.png`]}`, sizes: `${width}x${width}`, type: "image/png", purpose: "maskable" },
        ]),
        { src: `/assets/${manifest["favicon.svg"]}`, sizes: "any", type: "image/svg+xml", purpose: "any" },
        { src: `/assets/${manifest["maskable.svg"]}`, sizes: "any", type: "image/svg+xml", purpose: "maskable" },
      ],
      // A video shared from the gallery goes straight to the post page, words into its caption: assets/ts/worker.ts takes them.
      share_target: { action: "/share", method: "POST", enctype: "multipart/form-data", params: { title: "title", text: "text", url: "url", files: [{ name: "media", accept: ["video/*", "image/*"] }] } },
    }),
  ),
);

// What the page without a connection needs; the worker's text names it, so a new worker comes with every change of it.
const shell = ["app.css", "app.js", "icons.svg", "logo.svg", "favicon.svg", "onest-latin.woff2", "onest-cyrillic.woff2"].map((name) => `/assets/${manifest[name]}`);
const worker = await build({
  entryPoints: ["assets/ts/worker.ts"],
  bundle: true,
  minify: true,
  format: "iife",
  target: ["chrome123", "firefox121", "safari17.5"],
  define: { ICON: JSON.stringify(`/assets/${manifest["icon-192.png"]}`), BADGE: JSON.stringify(`/assets/${manifest["badge.png"]}`), SHELL: JSON.stringify(shell), SHELL_VERSION: JSON.stringify(createHash("sha256").update(shell.join()).digest("hex").slice(0, 8)) },
  legalComments: "none",
  write: false,
  logLevel: "warning",
});
await emit("worker.js", worker.outputFiles[0].contents);

let failed = false;
for (const [name, file] of Object.entries(manifest).sort()) {
  const bytes = await readFile(join(DIST, file));
  if ([".woff2", ".png"].includes(extname(file))) {
    const over = BUDGETS[name] !== undefined && bytes.length > BUDGETS[name];
    failed ||= over;
    console.log(`${name.padEnd(34)} ${String(bytes.length).padStart(7)}${over ? `  OVER BUDGET of ${BUDGETS[name]}` : ""}`);
    continue;
  }
  const gzip = gzipSync(bytes, { level: 9 });
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  await writeFile(join(DIST, `${file}.gz`), gzip);
  await writeFile(join(DIST, `${file}.br`), brotli);
  const budget = BUDGETS[name];
  const over = budget !== undefined && gzip.length > budget;
  failed ||= over;
  const sizes = `${String(bytes.length).padStart(7)}  gz ${String(gzip.length).padStart(6)}  br ${String(brotli.length).padStart(6)}`;
  console.log(`${name.padEnd(34)} ${sizes}${over ? `  OVER BUDGET of ${budget}` : ""}`);
}
await writeFile(join(DIST, "manifest.json"), `${JSON.stringify(manifest, null, 1)}\n`);
if (failed) {
  console.error("A bundle is over its budget. Find what grew, or raise the budget in esbuild.mjs with a reason.");
  process.exit(1);
}
