import { isJsonObject, type ChatRequest, type ToolDefinition } from "../wire/chat-request.ts";
import { placeholder } from "./schema/placeholder.ts";
import { isName, type Term } from "./terms.ts";
import { callsSinceUser, queryParameter } from "./tools.ts";

/** Maximum searches for a question. */
const MAX_SEARCHES = 2;

/** The next query, or `undefined` if there were enough searches. */
export function nextQuery(
  request: ChatRequest,
  tool: ToolDefinition,
  terms: readonly Term[],
): string | undefined {
  const done = searchesDone(request, tool);
  if (terms.length === 0 || done.length >= MAX_SEARCHES) return undefined;
  const query = (done.length === 0 ? terms : rarest(terms)).map(({ word }) => word).join(" ");
  return done.some((args) => args.includes(JSON.stringify(query))) ? undefined : query;
}

/** Arguments for a search: the query, and the other required parameters. */
export function searchArguments(tool: ToolDefinition, query: string): Record<string, unknown> {
  const { properties, required } = tool.parameters;
  const name = queryParameter(tool) ?? "query";
  const schemas = isJsonObject(properties) ? properties : {};
  const args: Record<string, unknown> = {};
  for (const key of Array.isArray(required) ? required.map(String) : []) {
    args[key] = placeholder(schemas[key]);
  }
  const querySchema = schemas[name];
  args[name] = isJsonObject(querySchema) && querySchema.type === "array" ? [query] : query;
  return args;
}

function searchesDone({ messages }: ChatRequest, tool: ToolDefinition): string[] {
  return callsSinceUser(messages)
    .filter(({ name }) => name === tool.name)
    .map((call) => call.arguments);
}

/** Without results there are no counts: names and long words are usually the rarest. */
function rarest(terms: readonly Term[]): Term[] {
  return terms.toSorted((one, other) => rank(other) - rank(one)).slice(0, 2);
}

function rank({ word }: Term): number {
  return word.length + (isName(word) ? 20 : 0);
}
