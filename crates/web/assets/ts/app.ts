// Script of every page. Pages work without it; it adds partial updates, live updates and the small conveniences below.
// Order matters: the extension registers itself with the global that the first import sets.
import "htmx.org/dist/htmx.esm.min.js";
import "htmx.org/dist/ext/hx-sse.min.js";
import "./behaviours";
import "./shortcuts";
import "./installed";
