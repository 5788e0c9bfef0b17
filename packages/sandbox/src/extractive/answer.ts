import type { ChatRequest, JsonObject, ToolDefinition } from "../wire/chat-request.ts";
import type { Answer } from "../wire/generation.ts";
import { composeText } from "./compose.ts";
import { find, type Finding } from "./finding.ts";
import { findQuestion } from "./question.ts";
import { asksForQuotes } from "./schema/meaning.ts";
import { fillSchema } from "./schema/fill.ts";
import { nextReadings } from "./readings.ts";
import { nextQuery, searchArguments } from "./search.ts";
import { findAnswerTool, findSearchTool } from "./tools.ts";
import { nextWrite } from "./write.ts";

/**
 * Answers a request by extraction: searches if there is a search tool, selects the
 * sentences that answer best, and writes them in the requested form. Parameters that the
 * model does not support are ignored, as OpenRouter ignores them.
 */
export function answerByExtraction(
  request: ChatRequest,
  supportedParameters: readonly string[],
  newCallId: () => string,
): Answer {
  const answerTool = findAnswerTool(request);
  const schema = answerTool?.parameters ?? schemaOf(request, supportedParameters);
  const finding = find(request, findQuestion(request.messages), asksForQuotes(schema));

  const search = nextSearch(request, answerTool, finding);
  const readings = nextReadings(request, finding.terms).map((tool) => ({ tool, args: {} }));
  const lookups = search === undefined ? readings : [search, ...readings];
  if (lookups.length > 0) return callsOf(lookups, newCallId);
  const writing = nextWrite(request, finding);
  if (writing !== undefined) return callsOf([writing], newCallId);
  if (answerTool !== undefined) {
    const args = fillSchema(answerTool.parameters, finding);
    return callsOf([{ tool: answerTool, args }], newCallId);
  }
  if (schema !== undefined) return text(JSON.stringify(fillSchema(schema, finding)));
  if (request.responseFormat.type !== "text" && supportedParameters.includes("response_format")) {
    return text(JSON.stringify({ answer: composeText(finding, true) }));
  }
  return text(composeText(finding, true));
}

function schemaOf(
  { responseFormat }: ChatRequest,
  supportedParameters: readonly string[],
): JsonObject | undefined {
  const isSupported = supportedParameters.includes("structured_outputs");
  return responseFormat.type === "schema" && isSupported ? responseFormat.schema : undefined;
}

/** The search to make before answering: none if the answer is forced, found or given. */
function nextSearch(
  request: ChatRequest,
  answerTool: ToolDefinition | undefined,
  finding: Finding,
): Lookup | undefined {
  const { tools, toolChoice, messages } = request;
  if (toolChoice === "none") return undefined;
  const tool = findSearchTool(tools);
  if (tool === undefined) return undefined;
  if (typeof toolChoice === "object" && answerTool?.name !== tool.name) return undefined;
  const hasSearched = messages.at(-1)?.role === "tool";
  if (finding.isFound && (hasSearched || finding.basis === "claims")) return undefined;
  const query = nextQuery(request, tool, finding.terms);
  return query === undefined ? undefined : { tool, args: searchArguments(tool, query) };
}

interface Lookup {
  readonly tool: ToolDefinition;
  readonly args: unknown;
}

function callsOf(lookups: readonly Lookup[], newCallId: () => string): Answer {
  const toolCalls = lookups.map(({ tool, args }) => ({
    id: newCallId(),
    name: tool.name,
    arguments: JSON.stringify(args),
  }));
  return { content: null, toolCalls };
}

function text(content: string): Answer {
  return { content, toolCalls: [] };
}
