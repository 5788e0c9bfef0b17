import { isJsonObject, type ChatRequest, type ToolDefinition } from "../wire/chat-request.ts";
import { isName, sentenceKeys, type Term } from "./terms.ts";
import { callsSinceUser, changesThings } from "./tools.ts";

/**
 * The tools without parameters whose names are in the question, such as `current_time` in "What is the
 * current time?" and in "Use current_time.": each is called once in a turn, in addition to a search.
 */
export function nextReadings(
  { tools, toolChoice, messages }: ChatRequest,
  terms: readonly Term[],
): readonly ToolDefinition[] {
  if (toolChoice === "none" || typeof toolChoice === "object") return [];
  const called = new Set(callsSinceUser(messages).map(({ name }) => name));
  const asked = new Set(terms.flatMap(({ key, word }) => [key, plain(word)]));
  return tools.filter(
    (tool) =>
      !takesParameters(tool) &&
      !called.has(tool.name) &&
      !changesThings(tool) &&
      isNamed(tool, asked),
  );
}

/** Whether the question contains the name, or all of its words except verbs of reading. */
function isNamed({ name }: ToolDefinition, asked: ReadonlySet<string>): boolean {
  if (isName(name) && asked.has(plain(name))) return true;
  const spaced = name.replace(/[_.-]/g, " ").replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2");
  const words = [...sentenceKeys(spaced)].filter((word) => !/^(?:get|fetch|read)$/.test(word));
  return words.length > 0 && words.every((word) => asked.has(word));
}

/** `currentTime` and `current_time` are the same name. */
function plain(name: string): string {
  return name.replace(/[_.-]/g, "").toLowerCase();
}

function takesParameters({ parameters: { properties } }: ToolDefinition): boolean {
  return isJsonObject(properties) && Object.keys(properties).length > 0;
}
