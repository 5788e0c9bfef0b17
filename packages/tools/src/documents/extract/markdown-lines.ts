/** One line of Markdown with its context. */
export interface MarkdownLine {
  /** Offset of its first character. */
  start: number;
  /** Offset of its line break, or the text's end. */
  end: number;
  text: string;
  /** `fence` is a line that opens or closes a code block, `code` one between such lines. */
  kind: "front-matter" | "fence" | "code" | "prose" | "blank";
}

const fenceStart = /^\s*(?:(?:[-*+]|\d{1,9}[.)])\s+)?(`{3,}(?!.*`)|~{3,})/;

/** Distinguishes code and front matter from prose, line by line; code contains no markup. */
export function markdownLines(markdown: string): MarkdownLine[] {
  const lines: MarkdownLine[] = [];
  let frontMatterLeft = frontMatterLength(markdown);
  let fence: string | undefined;
  let start = 0;
  for (const text of markdown.split("\n")) {
    const line = { start, end: start + text.length, text };
    start = line.end + 1;
    if (frontMatterLeft > 0) {
      frontMatterLeft -= 1;
      lines.push({ ...line, kind: "front-matter" });
    } else if (fence !== undefined) {
      const closes = isClosing(text, fence);
      if (closes) fence = undefined;
      lines.push({ ...line, kind: closes ? "fence" : "code" });
    } else {
      fence = fenceStart.exec(text)?.[1];
      const kind = fence !== undefined ? "fence" : text.trim() === "" ? "blank" : "prose";
      lines.push({ ...line, kind });
    }
  }
  return lines;
}

function isClosing(text: string, fence: string): boolean {
  const run = text.trim();
  return run.length >= fence.length && run === (fence[0] ?? "").repeat(run.length);
}

/** Number of lines of YAML (`---`) or TOML (`+++`) at the very top, its delimiters included; 0 without any. */
function frontMatterLength(markdown: string): number {
  const delimiter = markdown.slice(0, 3);
  if (delimiter !== "---" && delimiter !== "+++") return 0;
  const lines = markdown.split("\n", 200);
  if (lines[0]?.trimEnd() !== delimiter) return 0;
  // A thematic break may open a document too; front matter starts with a key.
  if (!/^(?:[\w"'-]+\s*[:=]|#)/.test(lines[1] ?? "")) return 0;
  const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === delimiter);
  return end + 1;
}
