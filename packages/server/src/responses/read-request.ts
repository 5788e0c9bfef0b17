import type { Body } from "../calls/answer-format.ts";
import { readInput } from "./read-input.ts";
import { readToolChoice, type Tools } from "./read-tools.ts";
import type { ResponsesRequest } from "./request-schema.ts";
import { requiredText } from "./required-text.ts";
import { unsupported } from "./unsupported.ts";

/** Fields that need stored responses or a service of OpenAI, or that only chat completions have; with what to do instead. */
const refused: Readonly<Record<string, string>> = {
  previous_response_id: "Responses are not stored: send the whole input.",
  conversation: "Conversations are not stored: send the whole input.",
  background: "Wait for the response, or start a run (POST /v1/runs).",
  store: "Responses are not stored: leave it out, or send false.",
  prompt: "There are no stored prompts: send instructions and input.",
  context_management: "Send an input that fits the model.",
  moderation: "Moderate in your program.",
  messages: "Send them as input.",
  n: "A response is one answer: send several requests.",
  audio: "A response has texts and images: use POST /v1/chat/completions.",
  logprobs: "Use POST /v1/chat/completions.",
  top_logprobs: "Use POST /v1/chat/completions.",
  functions: "Send them as tools.",
  function_call: "Send tools and tool_choice.",
};

/** Fields that are converted here, or have no meaning for a model. All others are passed on. */
const ownFields: ReadonlySet<string> = new Set([
  ...Object.keys(refused),
  "input",
  "instructions",
  "max_output_tokens",
  "max_tool_calls",
  "reasoning",
  "stream_options",
  "text",
  "tools",
  "tool_choice",
  "include",
  "truncation",
  "client_metadata",
]);

/** Converts a request to one for a chat completion. @throws {ApiError} for a field that is not supported, with its name */
export function toChatBody(request: ResponsesRequest, tools: Tools): Body {
  refuse(request);
  const body: Record<string, unknown> = { messages: readInput(request) };
  for (const [name, value] of Object.entries(request)) {
    if (!ownFields.has(name)) body[name] = value;
  }
  const { max_output_tokens: maxTokens, reasoning, text } = request;
  if (typeof maxTokens === "number") body["max_tokens"] = maxTokens;
  if (request.stream) body["stream_options"] = { include_usage: true };
  if (tools.list.length > 0) {
    body["tools"] = tools.list;
    const choice = readToolChoice(request.tool_choice, tools);
    if (choice !== undefined) body["tool_choice"] = choice;
  } else {
    delete body["parallel_tool_calls"];
  }
  // The form of its summary is only for OpenAI's own models.
  const { summary: _, generate_summary: __, context: ___, ...effort } = reasoning ?? {};
  if (Object.keys(effort).length > 0) body["reasoning"] = effort;
  if (text?.verbosity) body["verbosity"] = text.verbosity;
  const format = responseFormat(text?.format);
  if (format) body["response_format"] = format;
  return body;
}

function refuse(request: ResponsesRequest): void {
  for (const [name, advice] of Object.entries(refused)) {
    const value = request[name];
    if (value === undefined || value === null || value === false || value === 0) continue;
    const shown = value === true ? `${name}: true` : `The field ${name}`;
    throw unsupported(name, shown, advice);
  }
  const { include } = request;
  if (Array.isArray(include) && include.includes("message.output_text.logprobs")) {
    throw unsupported("include", "message.output_text.logprobs", "Use POST /v1/chat/completions.");
  }
  if (request.truncation === "auto") {
    throw unsupported("truncation", 'truncation: "auto"', "Send an input that fits the model.");
  }
}

function responseFormat(format: NonNullable<ResponsesRequest["text"]>["format"]) {
  if (!format || format.type === "text") return undefined;
  const { type, ...fields } = format;
  if (type !== "json_schema") return { type };
  const given = Object.entries(fields).filter(([, value]) => value !== null);
  requiredText(format, "name", "text.format");
  return { type, json_schema: Object.fromEntries(given) };
}
