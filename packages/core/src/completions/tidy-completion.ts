import { isObject, type MutableFields } from "../input/is-object.ts";
import { hasProviderState } from "./request/provider-state.ts";
import { argumentsText, readableArguments } from "./tool-calls/tool-arguments.ts";
import { newToolCallId, toolCallIds } from "./tool-calls/tool-call-id.ts";
import type { ChatRequest, Completion } from "./wire.ts";

/**
 * Converts the tool calls of a whole answer to one format: the older `function_call` to a tool call, ids
 * that are unique in the conversation, arguments as one JSON object if they can be read as one.
 * Adds the requested model if the answer has state that this model requires later. Changes the
 * completion, which has just been read.
 */
export function tidyCompletion(completion: Completion, request: ChatRequest): void {
  if (!Array.isArray(completion.choices)) return;
  const taken = new Set(toolCallIds(request.messages));
  for (const choice of completion.choices) {
    const message = choice?.message as unknown as MutableFields | undefined;
    if (!isObject(message)) continue;
    fromFunctionCall(message, request);
    const calls = message["tool_calls"];
    if (hasProviderState(message)) noteModel(completion, request);
    if (!Array.isArray(calls)) continue;
    for (const call of calls as unknown[]) {
      if (!isObject(call)) continue;
      if (call["extra_content"] !== undefined) noteModel(completion, request);
      call["id"] = newToolCallId(call["id"], taken);
      taken.add(call["id"] as string);
      if (isObject(call["function"])) tidyFunction(call, call["function"], request);
    }
  }
}

function noteModel(completion: Completion, { model }: ChatRequest): void {
  (completion as unknown as MutableFields)["asked_model"] = model;
}

/** Some servers answer a request with `tools` with the field that OpenAI had before tools. */
function fromFunctionCall(message: MutableFields, request: ChatRequest): void {
  const { function_call: called, tool_calls: calls } = message;
  if (!isObject(called) || !request.tools) return;
  delete message["function_call"];
  // Some servers set the field although nothing is called.
  if (!called["name"] && !called["arguments"]) return;
  if (Array.isArray(calls) && calls.length > 0) return;
  message["tool_calls"] = [{ id: "", type: "function", function: called }];
}

function tidyFunction(call: MutableFields, called: MutableFields, request: ChatRequest): void {
  if (call["type"] !== "custom") call["type"] = "function";
  const schema = parametersOf(request, called["name"]);
  called["arguments"] = readableArguments(argumentsText(called["arguments"]), schema);
}

/** The schema of a tool's arguments. */
export function parametersOf({ tools }: ChatRequest, name: unknown): unknown {
  const tool = tools?.find((each) => "function" in each && each.function.name === name);
  return tool && "function" in tool ? tool.function.parameters : undefined;
}
