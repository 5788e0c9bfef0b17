import { randomBytes } from "node:crypto";
import {
  pdfBomb,
  pdfOf,
  pdfWithContent,
  pdfWithCycle,
  pdfWithRecursiveForm,
  pdfWithRepeatedPage,
  shows,
} from "./hostile-pdf.ts";

/** Just below the limit on the size of a file. */
const size = 4_900_000;
const fill = (text: string, bytes = size) =>
  text.repeat(Math.floor(bytes / Buffer.byteLength(text)));
const numbered = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join("");

/** Files below the size limit that would take hours, gigabytes or unlimited stack, by name. */
export const hostileDocuments: Readonly<Record<string, () => string | Uint8Array>> = {
  "newlines.txt": () => fill("\n"),
  "short-lines.txt": () => fill("a\n\n", 2_000_000),
  "one-line.txt": () => fill("a"),
  "one-sentence.txt": () => fill("word ", 1_900_000),
  "unique-words.txt": () => numbered(250_000, (index) => `w${index.toString(36)} `),
  "ideographs.txt": () => fill("東京日本", 3_900_000),
  "accents.txt": () => `a${fill("\u0301", 1_900_000)}`,
  "expanding.txt": () => fill("\ufdfa", 3_000_000),
  "invisible.txt": () => fill("\u200b\u00ad", 3_900_000),
  "emoji.txt": () => fill("👩‍👩‍👧‍👦", 3_900_000),
  "hashes.txt": () => randomBytes(900_000).toString("hex"),
  "links.md": () => fill("[a]("),
  "links-short.md": () => fill("[a](", 1_900_000),
  "brackets.md": () => fill("[", 1_900_000),
  "images.md": () => fill("![](a", 1_900_000),
  "backticks.md": () => numbered(1_900, (index) => `${"`".repeat(index + 1)} `),
  "stars.md": () => fill("*a", 1_900_000),
  "quotes.md": () => fill(">", 1_900_000),
  "headings.md": () => fill("# a\n", 1_900_000),
  "rules.md": () => fill("- ", 1_900_000),
  "table.md": () => `|${fill(" - |", 1_900_000)}`,
  "definitions.md": () => fill("[a]: b\n", 1_900_000),
  "comments.md": () => fill("<!--", 1_900_000),
  "tags.md": () => fill("<div>", 1_900_000),
  "entities.md": () => fill("&amp", 1_900_000),
  "paragraphs.md": () => fill("<p>a", 1_900_000),
  "front-matter.md": () => `---\n${fill("a: b\n", 1_900_000)}`,
  "nested.html": () => fill("<div>"),
  "unmatched.html": () => `${fill("<b>", 2_400_000)}${fill("</i>", 2_400_000)}`,
  "entities.html": () => fill("&amp"),
  "paragraphs.html": () => fill("<p>a"),
  "attribute.html": () => `<p title="${fill("a")}`,
  "attributes.html": () => `<p ${numbered(400_000, (index) => `a${index}=b `)}>a`,
  "script.html": () => `<script>${fill("</scrip")}`,
  "comment.html": () => `<!--${fill("-")}`,
  "tables.html": () => fill("<table><tr><td>a"),
  "repeated-page.pdf": () => pdfWithRepeatedPage(100_000),
  "many-pages.pdf": () => pdfWithRepeatedPage(1_900),
  "bomb.pdf": () => pdfBomb(500_000_000, 1),
  "double-bomb.pdf": () => pdfBomb(500_000_000, 2),
  "operators.pdf": () => pdfWithContent(Buffer.from(fill(shows("a")))),
  "arrays.pdf": () => pdfWithContent(Buffer.from(fill("["))),
  "cycle.pdf": pdfWithCycle,
  "recursive-form.pdf": pdfWithRecursiveForm,
  "objects.pdf": () => pdfOf(Array.from({ length: 60_000 }, () => "<< /A 1 0 R >>")),
  "open-dictionary.pdf": () => `%PDF-1.4\n1 0 obj\n${fill("<<")}`,
};
