import { SourceText } from "../source-text.ts";
import type { Block, Extracted } from "./extracted.ts";
import { markdownLines, type MarkdownLine } from "./markdown-lines.ts";
import { plainMarkdown } from "./plain-markdown.ts";
import { titleFromLine } from "./text.ts";

/** Markdown, unchanged, cut into paragraphs, list items, tables and code; front matter is in no block. */
export function extractMarkdown(markdown: string): Extracted {
  const lines = markdownLines(markdown);
  const plainText = plainMarkdown(markdown, lines);
  const readable = (start: number, end: number) =>
    plainText.slice(start, end).replaceAll("\0", "").replaceAll(/\s+/g, " ").trim();
  const blocks = blocksOf(lines).map((block) => withRole(block, markdown, readable));
  const first = blocks.find((block) => block.role !== "noise");
  return {
    source: SourceText.unpaged(markdown),
    title:
      frontMatterTitle(lines) ??
      blocks.find((block) => block.heading)?.heading ??
      (first && titleFromLine(readable(first.start, first.end))),
    blocks,
    plainText,
  };
}

type RawBlock = Pick<Block, "start" | "end" | "level">;

const atxHeading = /^ {0,3}(#{1,6})(?:\s|$)/;
const setextUnderline = /^ {0,3}(?:=+|-{2,})\s*$/;
const listItem = /^ {0,3}(?:[-*+]|\d{1,9}[.)])\s/;

function blocksOf(lines: readonly MarkdownLine[]): RawBlock[] {
  const blocks: RawBlock[] = [];
  let open: (RawBlock & { isCode: boolean; lines: number }) | undefined;
  const close = () => {
    if (open) blocks.push({ start: open.start, end: open.end });
    open = undefined;
  };
  for (const line of lines) {
    const isCode = line.kind === "fence" || line.kind === "code";
    const level = line.kind === "prose" ? atxHeading.exec(line.text)?.[1]?.length : undefined;
    if (line.kind === "blank" || line.kind === "front-matter") {
      close();
    } else if (level !== undefined) {
      close();
      blocks.push({ start: line.start, end: line.end, level });
    } else if (open?.lines === 1 && !open.isCode && setextUnderline.test(line.text)) {
      blocks.push({ start: open.start, end: line.end, level: line.text.includes("=") ? 1 : 2 });
      open = undefined;
    } else {
      if (open?.isCode !== isCode || (!isCode && listItem.test(line.text))) close();
      open = {
        start: open?.start ?? line.start,
        end: line.end,
        isCode,
        lines: (open?.lines ?? 0) + 1,
      };
    }
  }
  close();
  return blocks;
}

function withRole(
  { start, end, level }: RawBlock,
  markdown: string,
  readable: (start: number, end: number) => string,
): Block {
  const text = readable(start, end);
  if (text === "") return { start, end, role: "noise" };
  if (level !== undefined) return { start, end, role: "heading", level, heading: text };
  return { start, end, role: isTableOfContents(markdown.slice(start, end)) ? "noise" : "text" };
}

/** Whether every line is a list item that contains only a link into the same document. */
function isTableOfContents(block: string): boolean {
  return block
    .split("\n")
    .every((line) =>
      /^\s*(?:[-*+]|\d{1,9}[.)])\s+\[[^\]]*(?:\][^\]]*)?\]\(#[^)]*\)\s*$/.test(line),
    );
}

function frontMatterTitle(lines: readonly MarkdownLine[]): string | undefined {
  for (const line of lines) {
    if (line.kind !== "front-matter") return undefined;
    const title = /^title\s*[:=]\s*(?:"(.*)"|'(.*)'|(.*))$/.exec(line.text.trimEnd());
    if (title) return titleFromLine(title[1] ?? title[2] ?? title[3] ?? "");
  }
  return undefined;
}
