// Entry of the upload client: fetched when the first file is chosen, because most visits of a page with an upload field upload nothing.
export { Upload } from "tus-js-client";
