// The post page works without this file; what is here adds upload progress and the live preview.
import { Upload } from "tus-js-client";

export const resumableUploads: boolean = Upload !== undefined;
