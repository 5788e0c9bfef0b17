import { escapeControls } from "@orchestra/core/gateway";

/** Escapes control characters in a text, except line breaks and tabs. */
export function plain(text: string): string {
  return text
    .split(/(\n|\t)/)
    .map((part) => (part === "\n" || part === "\t" ? part : escapeControls(part)))
    .join("");
}
