import {
  isJsonObject,
  type ChatMessage,
  type ChatRequest,
  type ToolCall,
  type ToolDefinition,
} from "../wire/chat-request.ts";

/** The parameter of a tool for the query. */
const QUERY =
  /^(?:query|queries|q|terms?|search(?:_?(?:term|query|text))?|keywords?|pattern|text|question|input)$/i;
const SEARCH = /search|find|look_?up|lookup|retriev|query|grep|browse/i;
const CHANGES = /write|save|create|send|delete|update|execute|submit|publish|upload/i;
const WRITES = /write|save|create_?file/i;
const SAYS_IT_WRITES = /\b(?:writes?|saves?)\b/i;
const PATH = /^(?:path|file|file_?name|file_?path|name|target)$/i;
const CONTENT = /^(?:content|contents|text|body|data|markdown)$/i;
const ANSWERS =
  /^(?:extract|respond|response|answer|output|final|submit|report|result|structured|return)/i;

/** The tool that searches, judging by its name, description and parameters. */
export function findSearchTool(tools: readonly ToolDefinition[]): ToolDefinition | undefined {
  let best: ToolDefinition | undefined;
  let bestScore = 2;
  for (const tool of tools) {
    if (queryParameter(tool) === undefined || changesThings(tool)) continue;
    const score = (SEARCH.test(tool.name) ? 3 : 0) + (SEARCH.test(tool.description) ? 2 : 0);
    if (score < bestScore) continue;
    if (score > bestScore || best === undefined) best = tool;
    bestScore = score;
  }
  return best;
}

/** The tool whose arguments are the answer: required by name, named like one, or the only one left to call. */
export function findAnswerTool(request: ChatRequest): ToolDefinition | undefined {
  const { tools, toolChoice } = request;
  if (toolChoice === "none") return undefined;
  if (typeof toolChoice === "object") return tools.find(({ name }) => name === toolChoice.name);
  const searchTool = findSearchTool(tools);
  const others = tools.filter((tool) => tool !== searchTool && !changesThings(tool));
  const named = others.find(({ name }) => ANSWERS.test(name));
  return named ?? (toolChoice === "required" ? others.at(-1) : undefined);
}

/** Whether a tool has side effects instead of only returning information. */
export function changesThings(tool: ToolDefinition): boolean {
  return namesAction(tool.name) || fileParameters(tool) !== undefined;
}

/** The same by the name only, if the tool itself is not available. */
export function namesAction(name: string): boolean {
  return CHANGES.test(name);
}

/** The parameters of a tool that can write a file; `undefined` for other tools. */
export function fileParameters(
  tool: ToolDefinition,
): { readonly path: string; readonly content: string } | undefined {
  if (!namesAction(tool.name) && !saysThatItWrites(tool)) return undefined;
  const path = textParameter(tool, PATH);
  const content = textParameter(tool, CONTENT);
  return path !== undefined && content !== undefined ? { path, content } : undefined;
}

/** Whether a tool only writes files: it may be called without being named. */
export function isFileWriter(tool: ToolDefinition): boolean {
  return saysThatItWrites(tool) && /path|file/i.test(fileParameters(tool)?.path ?? "");
}

function saysThatItWrites({ name, description }: ToolDefinition): boolean {
  return WRITES.test(name) || (SAYS_IT_WRITES.test(description) && !SEARCH.test(name));
}

/** The calls of the model since the last user message. */
export function callsSinceUser(messages: readonly ChatMessage[]): ToolCall[] {
  const since = messages.findLastIndex(({ role }) => role === "user");
  return messages.slice(since + 1).flatMap(({ toolCalls }) => toolCalls);
}

/** The name of the parameter for the query. */
export function queryParameter(tool: ToolDefinition): string | undefined {
  return textParameter(tool, QUERY);
}

function textParameter({ parameters }: ToolDefinition, name: RegExp): string | undefined {
  const { properties } = parameters;
  if (!isJsonObject(properties)) return undefined;
  return Object.keys(properties).find((key) => name.test(key) && takesText(properties[key]));
}

function takesText(schema: unknown): boolean {
  if (!isJsonObject(schema)) return false;
  if (schema.type === "array") return takesText(schema.items);
  return schema.type === undefined || [schema.type].flat().includes("string");
}
