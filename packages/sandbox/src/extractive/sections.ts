/** A part of a prompt under its title; the part before the first title has none. */
export interface Section {
  readonly title: string;
  readonly body: string;
}

const HEADING = /^#{1,6}\s+(.+?)\s*#*$/;
const LABEL =
  /^(?:\*\*)?((?:the |user'?s? |your |original |current )?(?:question|query|task|request|goal|topic|objective|problem|context|material|documents?|sources?|passages?|excerpts?|input|findings|claims|notes|text|article|background|data|instructions?|format|answer|feedback|issues|rules|schema|results?|evidence|facts))(?:\*\*)?\s*:(?:\*\*)?\s*(.*)$/i;
const TAG = /^<([a-z][\w-]*)(\s[^<>]*)?>\s*(.*)$/i;

/** Splits a prompt at its Markdown headings, its labels (`Question: …`) and its tags (`<task>…</task>`). */
export function splitSections(prompt: string): Section[] {
  const sections: Section[] = [];
  let title = "";
  let lines: string[] = [];
  let inFence = false;
  let tag: string | undefined;
  const open = (nextTitle: string, first: string) => {
    const body = lines.join("\n").trim();
    if (body !== "" || title !== "") sections.push({ title, body });
    title = nextTitle;
    lines = first === "" ? [] : [first];
  };
  for (const line of prompt.split("\n")) {
    if (/^\s*(?:```|~~~)/.test(line)) inFence = !inFence;
    const closing = tag === undefined ? -1 : line.indexOf(`</${tag}>`);
    if (tag !== undefined) {
      lines.push(closing === -1 ? line : line.slice(0, closing));
      if (closing !== -1) {
        tag = undefined;
        open("", "");
      }
      continue;
    }
    const opened = inFence ? null : TAG.exec(line);
    if (opened?.[1] !== undefined && prompt.includes(`</${opened[1]}>`)) {
      const rest = opened[3] ?? "";
      const end = rest.indexOf(`</${opened[1]}>`);
      open(`${opened[1]}${opened[2] ?? ""}`, end === -1 ? rest : rest.slice(0, end));
      if (end === -1) tag = opened[1];
      else open("", "");
      continue;
    }
    const heading = inFence ? null : HEADING.exec(line);
    const label = inFence || heading ? null : LABEL.exec(line);
    if (heading?.[1] !== undefined) open(heading[1], "");
    else if (label?.[1] !== undefined) open(label[1], label[2] ?? "");
    else lines.push(line);
  }
  open("", "");
  return sections;
}

const QUESTION =
  /^(?:the |user'?s? |your |original |current |research )*(?:question|query|task|request|goal|objective|topic|problem)\b/i;
const NOT_MATERIAL =
  /\b(?:(?:open|unanswered|unresolved|remaining|further) (?:questions?|points?)|gaps|unknowns|instructions?|rules?|format|schema|output|style|tone|constraints?|guidelines?|examples?|feedback|issues?|answer|how to|your (?:job|role)|requirements?|tools?|verdict|review|revisions?)\b/i;

/** The purpose of a section, by its title. */
export function purposeOf({ title }: Section): "question" | "directions" | "material" | "untitled" {
  if (title === "") return "untitled";
  if (QUESTION.test(title)) return "question";
  return NOT_MATERIAL.test(title) ? "directions" : "material";
}
