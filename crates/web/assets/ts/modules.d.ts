// htmx ships types for its main entry only; we import the module build and one extension for their side effects.
declare module "htmx.org/dist/htmx.esm.min.js";
declare module "htmx.org/dist/ext/hx-sse.min.js";
