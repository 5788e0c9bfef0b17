import { escapeControls } from "@orchestra/core/gateway";

/** A text of several lines without control characters, but for line breaks and tabs. */
export function plain(text: string): string {
  return text
    .split(/(\n|\t)/)
    .map((part) => (part === "\n" || part === "\t" ? part : escapeControls(part)))
    .join("");
}
