import { markdownHtml } from "./markdown-html.ts";
import { markdownLines, type MarkdownLine } from "./markdown-lines.ts";
import { markdownLinks } from "./markdown-links.ts";
import type { Replacement } from "./replacement.ts";
import { blankOut } from "./replacement.ts";

/**
 * Markdown as a reader sees it, of the same length as the source: each character of markup (emphasis, backticks, link
 * targets, heading and list marks, table rules, HTML tags, images) is NUL. Code keeps all its characters.
 *
 * Characters that may have a meaning are kept: a `*` between two words or digits, an `_` inside a name, `<T>` that is not HTML.
 */
export function plainMarkdown(markdown: string, lines = markdownLines(markdown)): string {
  const outsideBlocks = blankOut(
    markdown,
    lines.filter((line) => line.kind === "code" || line.kind === "fence"),
  );
  const spans = codeSpans(outsideBlocks, lines);
  // The scans below run over prose only, so that code is not taken for markup.
  const prose = blankOut(outsideBlocks, spans);
  return blankOut(markdown, [
    ...lines.filter((line) => line.kind === "fence" || line.kind === "front-matter"),
    ...spans.flatMap(({ start, end, ticks }) => [
      { start, end: start + ticks },
      { start: end - ticks, end },
    ]),
    ...lines.filter((line) => line.kind === "prose").flatMap(lineMarks),
    ...markdownHtml(prose),
    ...markdownLinks(prose),
    ...inlineMarks(prose),
  ]);
}

interface CodeSpan {
  start: number;
  end: number;
  ticks: number;
}

/** Code spans: a run of backticks to the next run of the same length in the same paragraph. */
function codeSpans(text: string, lines: readonly MarkdownLine[]): CodeSpan[] {
  const spans: CodeSpan[] = [];
  let open: { start: number; ticks: number } | undefined;
  const breaks = lines.filter((line) => line.kind !== "prose").map((line) => line.start);
  let nextBreak = 0;
  const runs = backtickRuns(text);
  for (let index = 0; index < runs.length; index += 1) {
    open = runs[index];
    if (!open) break;
    while ((breaks[nextBreak] ?? Infinity) < open.start) nextBreak += 1;
    const paragraphEnd = breaks[nextBreak] ?? Infinity;
    for (let other = index + 1; other < runs.length; other += 1) {
      const close = runs[other];
      if (!close || close.start > paragraphEnd) break;
      if (close.ticks !== open.ticks) continue;
      spans.push({ start: open.start, end: close.start + close.ticks, ticks: open.ticks });
      index = other;
      break;
    }
  }
  return spans;
}

/** Runs of backticks outside of HTML comments. */
function backtickRuns(text: string): { start: number; ticks: number }[] {
  const runs: { start: number; ticks: number }[] = [];
  let commentEnd = 0;
  for (const { index, 0: token } of text.matchAll(/(?<!\\)`+|<!--/g)) {
    if (index < commentEnd) continue;
    if (token !== "<!--") runs.push({ start: index, ticks: token.length });
    else if (commentEnd !== -1) commentEnd = text.indexOf("-->", index);
  }
  return runs;
}

const linePrefix = /^[\s>]*(?:(?:#{1,6}(?=\s))|(?:(?:[-*+]|\d{1,9}[.)])(?=\s)(?:\s+\[[ xX]\])?))?/;
const rule = /^[\s>]*(?:=+|(?:[-*_]\s*){3,}|-+|\|?(?:\s*:?-+:?\s*\|)+(?:\s*:?-+:?)?)\s*$/;
const linkDefinition = /^\s{0,3}\[[^\]]+\]:\s*\S+(?:\s+(?:"[^"]*"|'[^']*'|\([^)]*\)))?\s*$/;

/** Marks at the beginning of a line, and lines that consist only of a mark. */
function lineMarks({ start, end, text }: MarkdownLine): Replacement[] {
  if (rule.test(text) || linkDefinition.test(text)) return [{ start, end }];
  const prefix = linePrefix.exec(text)?.[0] ?? "";
  const marks = [{ start, end: start + prefix.length }];
  if (prefix.trimStart().startsWith("#")) {
    const closing = /\s#+\s*$/.exec(text);
    if (closing) marks.push({ start: start + closing.index, end });
  }
  if (text.trimStart().startsWith("|")) {
    for (const bar of text.matchAll(/(?<!\\)\|/g)) {
      marks.push({ start: start + bar.index, end: start + bar.index + 1 });
    }
  }
  return marks;
}

/** Emphasis, strike-through and backslashes before punctuation. */
function inlineMarks(prose: string): Replacement[] {
  const marks: Replacement[] = [];
  for (const match of prose.matchAll(/\\(?=[!-/:-@[-`{-~])|(?<!\\)(?:\*{1,3}|_{1,3}|~~)/g)) {
    const start = match.index;
    const end = start + match[0].length;
    if (match[0] === "\\" || isEmphasis(prose[start - 1] ?? " ", prose[end] ?? " ")) {
      marks.push({ start, end });
    }
  }
  return marks;
}

/** Whether marks between these two characters belong to a word: `2 * 3`, `2*3` and `snake_case` are not changed. */
function isEmphasis(before: string, after: string): boolean {
  const word = /[\p{L}\p{N}]/u;
  const betweenWords = word.test(before) && word.test(after);
  const betweenSpaces = /\s/.test(before) && /\s/.test(after);
  return !betweenWords && !betweenSpaces;
}
