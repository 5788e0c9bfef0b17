import { isJsonObject, type ChatMessage } from "../wire/chat-request.ts";
import { parseJson } from "./json-material.ts";
import { purposeOf, splitSections } from "./sections.ts";

const QUESTION_KEYS = ["task", "question", "query", "request", "goal", "topic", "input", "prompt"];

/** More than this is no question any more: only its beginning counts. */
const LONGEST_QUESTION = 1_200;

/** What the last user message asks: its section Task or Question, such a field of its JSON, or its first paragraph. */
export function findQuestion(messages: readonly ChatMessage[]): string {
  const message = messages.findLast(({ role, text }) => role === "user" && text.trim() !== "");
  return message === undefined ? "" : questionOf(message.text).slice(0, LONGEST_QUESTION).trim();
}

function questionOf(text: string): string {
  const json = parseJson(text);
  if (isJsonObject(json)) {
    const key = QUESTION_KEYS.find((key) => typeof json[key] === "string");
    if (key !== undefined) return String(json[key]);
  }
  const sections = splitSections(text);
  const asked = sections.find(
    (section) => purposeOf(section) === "question" && section.body !== "",
  );
  if (asked !== undefined) return asked.body;
  const untitled = sections.find((section) => purposeOf(section) === "untitled");
  return firstParagraph(untitled?.body ?? text);
}

/** The first paragraph, or, where material comes first, the last one that ends in a question mark. */
export function firstParagraph(text: string): string {
  const paragraphs = text.split(/\n\s*\n/).filter((paragraph) => paragraph.trim() !== "");
  const first = paragraphs[0] ?? "";
  const last = paragraphs.at(-1) ?? "";
  return !first.trimEnd().endsWith("?") && last.trimEnd().endsWith("?") && !last.includes("\n")
    ? last
    : first;
}
