import { isJsonObject, type ChatRequest, type ToolDefinition } from "../wire/chat-request.ts";
import { placeholder } from "./schema/placeholder.ts";
import { callsSinceUser, changesThings } from "./tools.ts";

const TARGET =
  /\s*\b(?:to|into|as|in|named|called)\s+(?:the file\s+|a file\s+(?:named|called)\s+)?[`"']?([\w./-]+\.(?:md|txt|json|csv|html?|ya?ml))[`"']?/i;
const ASKS_TO_WRITE = /\b(?:write|save|store|put|export|create)\b/i;
const PATH = /^(?:path|file|file_?name|file_?path|name|target)$/i;
const CONTENT = /^(?:content|contents|text|body|data|markdown)$/i;

/** Parts a task that asks for a file into the name of the file and what is to be found out. */
export function splitTarget(question: string): { readonly rest: string; readonly path?: string } {
  const target = ASKS_TO_WRITE.test(question) ? TARGET.exec(question) : null;
  if (target?.[1] === undefined) return { rest: question };
  return { rest: question.replace(target[0], ""), path: target[1] };
}

/** The call that writes `content` where the task wants it, if a tool can and has not yet. */
export function nextWrite(
  request: ChatRequest,
  question: string,
  content: string,
): { tool: ToolDefinition; args: Record<string, unknown> } | undefined {
  const { path } = splitTarget(question);
  const { toolChoice } = request;
  if (path === undefined || toolChoice === "none") return undefined;
  for (const tool of request.tools.filter(changesThings)) {
    if (typeof toolChoice === "object" && toolChoice.name !== tool.name) continue;
    const { properties, required } = tool.parameters;
    if (!isJsonObject(properties)) continue;
    const names = Object.keys(properties);
    const pathName = names.find((name) => PATH.test(name));
    const contentName = names.find((name) => CONTENT.test(name));
    if (pathName === undefined || contentName === undefined) continue;
    if (callsSinceUser(request.messages).some(({ name }) => name === tool.name)) return undefined;
    const others = Array.isArray(required) ? required.map(String) : [];
    const rest = Object.fromEntries(others.map((name) => [name, placeholder(properties[name])]));
    return { tool, args: { ...rest, [pathName]: path, [contentName]: content } };
  }
  return undefined;
}
