import {
  isJsonObject,
  type ChatMessage,
  type ChatRequest,
  type ToolCall,
  type ToolDefinition,
} from "../wire/chat-request.ts";

/** The parameter of a tool that takes what to search for. */
const QUERY =
  /^(?:query|queries|q|terms?|search(?:_?(?:term|query|text))?|keywords?|pattern|text|question|input)$/i;
const SEARCH = /search|find|look_?up|lookup|retriev|query|grep|browse/i;
const CHANGES = /write|save|create|send|delete|update|execute|submit|publish|upload/i;
const ANSWERS =
  /^(?:extract|respond|response|answer|output|final|submit|report|result|structured|return)/i;

/** The tool that suggests, by its name, description and parameters, that it searches. */
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

/** The tool whose arguments are the answer: named outright, named like one, or the only one left to call. */
export function findAnswerTool(request: ChatRequest): ToolDefinition | undefined {
  const { tools, toolChoice } = request;
  if (toolChoice === "none") return undefined;
  if (typeof toolChoice === "object") return tools.find(({ name }) => name === toolChoice.name);
  const searchTool = findSearchTool(tools);
  const others = tools.filter((tool) => tool !== searchTool && !changesThings(tool));
  const named = others.find(({ name }) => ANSWERS.test(name));
  return named ?? (toolChoice === "required" ? others.at(-1) : undefined);
}

/** Whether a tool, by its name, does something to the world instead of telling about it. */
export function changesThings({ name }: { readonly name: string }): boolean {
  return CHANGES.test(name);
}

/** The calls that the model has made since the user last spoke. */
export function callsSinceUser(messages: readonly ChatMessage[]): ToolCall[] {
  const since = messages.findLastIndex(({ role }) => role === "user");
  return messages.slice(since + 1).flatMap(({ toolCalls }) => toolCalls);
}

/** The name of the parameter that takes what to search for. */
export function queryParameter({ parameters }: ToolDefinition): string | undefined {
  const { properties } = parameters;
  if (!isJsonObject(properties)) return undefined;
  return Object.keys(properties).find((name) => QUERY.test(name) && takesText(properties[name]));
}

function takesText(schema: unknown): boolean {
  if (!isJsonObject(schema)) return false;
  if (schema.type === "array") return takesText(schema.items);
  return schema.type === undefined || [schema.type].flat().includes("string");
}
