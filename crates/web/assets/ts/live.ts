// Entry of live updates: parts of a page that fetch themselves anew when the server tells of a change. Fetched once the page stands, because
// the first view does not need it, and only where there is such a part.
// Order matters: the extension registers itself with the global that the first import sets.
import "htmx.org/dist/htmx.esm.min.js";
import "htmx.org/dist/ext/hx-sse.min.js";
