import { isJsonObject, type ChatMessage, type ChatRequest } from "../wire/chat-request.ts";
import { jsonMaterial, parseJson } from "./json-material.ts";
import type { Claim, Material, Passage } from "./passage.ts";
import { parsePlainPassages } from "./plain-material.ts";
import { firstParagraph } from "./question.ts";
import { purposeOf, splitSections, type Section } from "./sections.ts";
import { callsSinceUser, changesThings, namesAction } from "./tools.ts";

/** Results of tools since the last user message. */
export function toolMaterial({ messages, tools }: ChatRequest): Material {
  const since = messages.findLastIndex(({ role }) => role === "user");
  // The result of an action, such as "saved", is not material.
  const actionTools = tools.filter(changesThings).map(({ name }) => name);
  const actions = callsSinceUser(messages).filter(
    ({ name }) => namesAction(name) || actionTools.includes(name),
  );
  return merge(
    messages.slice(since + 1).flatMap(({ role, text, toolCallId }) => {
      if (role !== "tool" || actions.some(({ id }) => id === toolCallId)) return [];
      const json = parseJson(text);
      return [json === undefined ? onlyPassages(parsePlainPassages(text)) : jsonMaterial(json)];
    }),
  );
}

/** Material in the prompt: all user messages, and the parts of the system message that are marked as material. */
export function promptMaterial(messages: readonly ChatMessage[]): Material {
  return merge(
    messages.flatMap((message) => {
      if (message.role === "user") return [materialOfPrompt(message.text, true)];
      return message.role === "system" ? [materialOfPrompt(message.text, false)] : [];
    }),
  );
}

function materialOfPrompt(text: string, isUser: boolean): Material {
  const json = parseJson(text);
  if (isJsonObject(json)) return isUser ? jsonMaterial(json) : merge([]);
  // A document has its own headings: text after a title of material belongs to it.
  let isGiven = isUser;
  return merge(
    splitSections(text).map((section) => {
      isGiven ||= GIVEN.test(section.title);
      switch (purposeOf(section)) {
        case "material":
          return materialOfSection(section, isGiven);
        case "untitled":
          return materialOfSection(withoutQuestion(section), isUser);
        default:
          return merge([]);
      }
    }),
  );
}

/** Titles under which even a system prompt has material instead of instructions. */
const GIVEN =
  /\b(?:context|documents?|material|sources?|passages?|excerpts?|data|article|notes)\b/i;

const FENCE = /^\s*(?:```|~~~)[^\n]*\n([\s\S]*?)\n\s*(?:```|~~~)\s*$/gm;

function materialOfSection({ title, body }: Section, withProse: boolean): Material {
  const parts: Material[] = [];
  const prose = body.replace(FENCE, (whole, inside: string) => {
    const json = parseJson(inside);
    if (json === undefined) return isDocument(title) ? inside : whole;
    if (!isSchema(json)) parts.push(jsonMaterial(json));
    return "";
  });
  const bare = parseJson(prose);
  if (bare !== undefined) parts.push(jsonMaterial(bare));
  else if (withProse) parts.push(proseMaterial(title, underHeading(title, prose)));
  return merge(parts);
}

/** The words of a heading help to find the text below it. */
function underHeading(title: string, text: string): string {
  return title === "" || GIVEN.test(title) || text.trim() === "" ? text : `# ${title}\n\n${text}`;
}

/** Text under a title: items with marks are claims to be cited, other text is prose. */
function proseMaterial(title: string, text: string): Material {
  const claims: Claim[] = [];
  const rest = text.replace(
    /^[ \t]*(?:[-*]\s+)?\[(\d+)\][ \t]+(.+)$/gm,
    (_, number, claim: string) => {
      claims.push({ kind: "claim", number: Number(number), text: claim.trim(), evidence: [] });
      return "";
    },
  );
  const attributes = placeOfTag(title);
  const passages: Passage[] =
    attributes.path === undefined
      ? parsePlainPassages(rest).map((passage) => ({
          ...passage,
          kind: passage.path === undefined ? "prose" : "source",
        }))
      : [{ kind: "source", text: rest.trim(), ...attributes }];
  return { claims, passages: passages.filter(({ text }) => text.trim() !== "") };
}

/** `document path="a.md" line="3"`, as a tag's title reads. */
function placeOfTag(title: string): { path?: string; line?: number } {
  const path = /\s(?:path|source|src|file|name|url|href)="([^"]+)"/.exec(title)?.[1];
  const line = /\s(?:line|start-?line)="(\d+)"/i.exec(title)?.[1];
  return { ...(path !== undefined && { path }), ...(line !== undefined && { line: Number(line) }) };
}

function isDocument(title: string): boolean {
  return title === "" || GIVEN.test(title);
}

/** A JSON schema in a prompt describes the answer, and is not material. */
function isSchema(json: unknown): boolean {
  return isJsonObject(json) && ("$schema" in json || isJsonObject(json.properties));
}

/** The first paragraph of an untitled text is the question, if there is no other. */
function withoutQuestion(section: Section): Section {
  return { ...section, body: section.body.replace(firstParagraph(section.body), "") };
}

function onlyPassages(passages: readonly Passage[]): Material {
  return { passages, claims: [] };
}

function merge(materials: readonly Material[]): Material {
  return {
    passages: materials.flatMap(({ passages }) => passages),
    claims: materials.flatMap(({ claims }) => claims),
  };
}
