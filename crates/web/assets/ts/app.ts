// Script of every page. Pages work without it; it adds live updates and the small conveniences below.
import "./behaviours";
import "./shortcuts";
import "./installed";

/** Address of the bundle of live updates; put in by esbuild.mjs. */
declare const LIVE_UPDATES: string;

function live(): void {
  if (document.querySelector("[hx-get]")) void import(LIVE_UPDATES).catch(reportError);
}
// After the load event and not in it: what the first view needs comes first on a slow line.
if (document.readyState === "complete") live();
else window.addEventListener("load", () => setTimeout(live));
