import { Parser } from "htmlparser2";
import type { Replacement } from "./replacement.ts";

/** HTML that Markdown files use; any other `<word>` is more likely a type parameter or a placeholder. */
const elements = new Set(
  (
    "a abbr article aside b blockquote br center code dd del details div dl dt em figcaption figure font footer " +
    "h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark nav ol p picture pre s samp section small source span " +
    "strike strong sub summary sup table tbody td tfoot th thead tr tt u ul var video"
  ).split(" "),
);

/** HTML tags and comments in Markdown prose, and entities with their characters. */
export function markdownHtml(prose: string): Replacement[] {
  if (!/[<&]/.test(prose)) return [];
  const found: Replacement[] = [];
  const add = (text?: string) => {
    const start = parser.startIndex;
    const end = parser.endIndex + 1;
    found.push(text === undefined ? { start, end } : { start, end, text });
  };
  const parser = new Parser({
    onopentag(name, _attributes, isImplied) {
      if (!isImplied && elements.has(name)) add();
    },
    onclosetag(name, isImplied) {
      if (!isImplied && elements.has(name)) add();
    },
    oncomment() {
      // An unclosed comment would reach to the end of the file.
      if (prose.startsWith("-->", parser.endIndex - 2)) add();
    },
    ontext(text) {
      const isEntity = prose[parser.startIndex] === "&" && parser.endIndex > parser.startIndex;
      if (isEntity && text.length < 3 && text !== "\n") add(text);
    },
  });
  parser.end(prose);
  return found;
}
