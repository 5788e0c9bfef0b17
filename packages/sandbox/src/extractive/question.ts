import { isJsonObject, type ChatMessage } from "../wire/chat-request.ts";
import { parseJson } from "./json-material.ts";
import { purposeOf, splitSections } from "./sections.ts";

const QUESTION_KEYS = ["task", "question", "query", "request", "goal", "topic", "input", "prompt"];

/** Maximum length of a question; the rest is ignored. */
const MAX_QUESTION_LENGTH = 1_200;

/**
 * The user's question: the section Task or Question of the last message that has one, because a later
 * message may only criticize an answer; otherwise such a field of the last message's JSON, or its first
 * paragraph.
 */
export function findQuestion(messages: readonly ChatMessage[]): string {
  const asked = messages.filter(({ role, text }) => role === "user" && text.trim() !== "");
  const message = asked.findLast(({ text }) => hasQuestionSection(text)) ?? asked.at(-1);
  return message === undefined ? "" : questionOf(message.text).slice(0, MAX_QUESTION_LENGTH).trim();
}

function hasQuestionSection(text: string): boolean {
  return splitSections(text).some(
    (section) => purposeOf(section) === "question" && section.body !== "",
  );
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

/** The first paragraph, or, if material comes first, the last one that ends in a question mark. */
export function firstParagraph(text: string): string {
  const paragraphs = text.split(/\n\s*\n/).filter((paragraph) => paragraph.trim() !== "");
  const first = paragraphs[0] ?? "";
  const last = paragraphs.at(-1) ?? "";
  return !isQuestion(first) && isQuestion(last) && !last.includes("\n") ? last : first;
}

function isQuestion(text: string): boolean {
  return /[?？]\s*$/.test(text);
}
