import { getMimeType, mimes } from "hono/utils/mime";

const known = { ...mimes, md: "text/markdown; charset=utf-8" };

/** The media type of a file, by the ending of its name. */
export function mediaTypeOf(name: string): string {
  return getMimeType(name, known) ?? "application/octet-stream";
}
