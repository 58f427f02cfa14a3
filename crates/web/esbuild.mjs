// Bundles scripts, styles, fonts and pictures into assets/dist under names that carry their content's hash,
// compresses what compresses, and writes manifest.json: logical name -> file name. Nothing here reaches the network.
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const DIST = "assets/dist";
// Budgets in bytes after gzip; an ordinary page loads app.js, the post page both. app.js has the keys of pages since they are on three of them.
const BUDGETS = { "app.js": 17 * 1024, "composer.js": 16 * 1024, "calendar.js": 4 * 1024, "bulk.js": 20 * 1024, "rhythm.js": 2 * 1024, "operator.js": 2 * 1024, "push.js": 2 * 1024, "app.css": 24 * 1024 };

await rm(DIST, { recursive: true, force: true });
await mkdir(DIST, { recursive: true });

const result = await build({
  entryPoints: { app: "assets/ts/app.ts", composer: "assets/ts/composer.ts", calendar: "assets/ts/calendar.ts", bulk: "assets/ts/bulk.ts", rhythm: "assets/ts/rhythm.ts", operator: "assets/ts/operator.ts", push: "assets/ts/push.ts", style: "assets/css/app.css" },
  outdir: DIST,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome123", "firefox121", "safari17.5"],
  // light-dark() and nesting are written for browsers that know them
  supported: { nesting: true },
  entryNames: "[name]-[hash]",
  // every browser we support has these built in; together they would cost 4 KB of the post page
  alias: { "url-parse": "./assets/ts/tus/url.ts", "js-base64": "./assets/ts/tus/base64.ts" },
  assetNames: "[name]-[hash]",
  publicPath: "/assets",
  loader: { ".woff2": "file" },
  // htmx's console chatter would cost 200 bytes of every first visit; failures are reported by assets/ts/behaviours.ts
  drop: ["console"],
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
});

const manifest = {};
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
const shell = ["app.css", "app.js", "icons.svg", "logo.svg", "favicon.svg", "onest-latin-wght-normal.woff2", "onest-cyrillic-wght-normal.woff2"].map((name) => `/assets/${manifest[name]}`);
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
    console.log(`${name.padEnd(34)} ${String(bytes.length).padStart(7)}`);
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
