import { AIMessage, AIMessageChunk, type BaseMessage } from "@langchain/core/messages";
import type { OpenAIClient } from "@langchain/openai";
import {
  isEmpty,
  parse,
  stateFields,
  unreadableMark,
  wholeState,
  type ChatRequest,
  type ProviderState,
  type WireMessage,
} from "../completions/index.ts";
import { isObject, type Fields } from "../input/is-object.ts";

/** The field of a message with the model that its state belongs to. */
const askedModel = "asked_model";

type WireAnswer = OpenAIClient.Chat.Completions.ChatCompletionMessage;

/**
 * The message for LangChain's conversion: without its calls, if none of them can be read. LangChain would
 * write to the console that its packages are old.
 */
export function withoutUnreadable(message: WireAnswer): WireAnswer {
  const { tool_calls: calls = [], ...others } = message;
  const isReadable = (call: (typeof calls)[number]) =>
    call.type !== "function" || parse(call.function.arguments) !== undefined;
  return calls.some(isReadable) ? message : others;
}

/**
 * Keeps the parts of an answer that LangChain's conversion drops: calls that cannot be read, and the state that the
 * provider requires later, in `additional_kwargs`, with the requested model.
 */
export function keepOfAnswer(converted: BaseMessage, message: object, completion: object): void {
  if (!AIMessage.isInstance(converted)) return;
  const { tool_calls: calls } = message as Pick<AIMessage["additional_kwargs"], "tool_calls">;
  if (calls) converted.additional_kwargs.tool_calls = calls;
  keepUnreadableCalls(converted);
  keepState(converted, message, (completion as { readonly [askedModel]?: string })[askedModel]);
}

function keepState(message: AIMessage, state: ProviderState, model: unknown): void {
  const kept = Object.entries(state).filter(
    ([field, value]) => (stateFields as readonly string[]).includes(field) && !isEmpty(value),
  );
  Object.assign(message.additional_kwargs, Object.fromEntries(kept));
  if (typeof model === "string") message.response_metadata[askedModel] = model;
}

/** The same of a stream: text as it comes, and at the end the state that is signed as a whole. */
export function keepOfChunk(message: BaseMessage, delta: Fields, chunk: object): void {
  if (!AIMessageChunk.isInstance(message)) return;
  const { reasoning, reasoning_content } = delta;
  const choice = (chunk as { choices?: readonly { finish_reason?: unknown }[] }).choices?.[0];
  const isEnd = Boolean(choice?.finish_reason);
  const { [wholeState]: whole = delta, [askedModel]: model } = chunk as {
    readonly [wholeState]?: ProviderState;
    readonly [askedModel]?: string;
  };
  const { reasoning_details, extra_content } = whole as ProviderState;
  const ended = isEnd ? { reasoning_details, extra_content } : {};
  keepState(message, { reasoning, reasoning_content, ...ended }, undefined);
  if (isEnd && model !== undefined) message.response_metadata[askedModel] = model;
}

/** A line of a stack trace, which LangChain shows the model with arguments that do not match. */
const stackLine = /\n\s+at [^\n]*(:\d+:\d+|<anonymous>)\)?/;

/** Whether a message has something that LangChain does not send back, or should not send back. */
export function hasKept(message: BaseMessage): boolean {
  if (message.type === "tool") return stackLine.test(message.text);
  if (message.type !== "ai") return false;
  const { tool_calls: calls = [], additional_kwargs: kept } = message as AIMessage;
  return (
    calls.some(({ args }) => Array.isArray(args)) ||
    stateFields.some((field) => !isEmpty(kept[field])) ||
    (kept.tool_calls?.some((call) => "extra_content" in call) ?? false)
  );
}

/** The request's messages, with the parts that LangChain's conversion dropped. */
export function withKept(request: ChatRequest, history: readonly BaseMessage[]): ChatRequest {
  let at = 0;
  const messages = [...request.messages];
  for (const message of history) {
    const wire = messages[at];
    if (wire && hasKept(message)) messages[at] = restore(wire, message as AIMessage);
    // LangChain converts a message with audio to two messages.
    const { audio } = message.additional_kwargs as { readonly audio?: { readonly id?: unknown } };
    at += audio?.id === undefined ? 1 : 2;
  }
  return { ...request, messages };
}

function restore(wire: WireMessage, message: AIMessage): WireMessage {
  if (wire.role === "tool") return { ...wire, content: withoutStack(message.text) };
  const { additional_kwargs: kept, response_metadata: metadata } = message;
  const { tool_calls: calls } = wire as { readonly tool_calls?: readonly Fields[] };
  // Only a tool loop requires plain reasoning again; some servers refuse it elsewhere.
  const fields = stateFields.filter(
    (field) => !isEmpty(kept[field]) && (field !== "reasoning_content" || calls?.length),
  );
  const state = Object.fromEntries(fields.map((field) => [field, kept[field]]));
  const model: unknown = metadata[askedModel];
  return {
    ...wire,
    ...state,
    ...(calls ? { tool_calls: calls.map((call) => restoreCall(call, kept)) } : {}),
    ...(typeof model === "string" ? { [askedModel]: model } : {}),
  } as unknown as WireMessage;
}

function withoutStack(text: string): string {
  return text.replaceAll(new RegExp(stackLine, "g"), "");
}

function restoreCall(call: Fields, { tool_calls: raw }: AIMessage["additional_kwargs"]): Fields {
  const same = raw?.find(({ id }) => id === call["id"]) as Fields | undefined;
  const { extra_content } = same ?? {};
  const called = call["function"] as { readonly name: string; readonly arguments: string };
  // Providers refuse arguments that are not an object.
  const fixed = called.arguments.startsWith("[")
    ? {
        ...called,
        arguments: JSON.stringify({ not_json: (JSON.parse(called.arguments) as unknown[])[0] }),
      }
    : called;
  return { ...call, function: fixed, ...(extra_content === undefined ? {} : { extra_content }) };
}

/**
 * Converts calls whose arguments are not a JSON object to ordinary calls, with the text in a list
 * as arguments. No tool accepts a list: it answers with an error, which the model gets.
 */
function keepUnreadableCalls(message: AIMessage): void {
  const { tool_calls: calls = [], invalid_tool_calls: invalid = [] } = message;
  const raw = message.additional_kwargs.tool_calls ?? [];
  const odd = calls.some(({ args }) => !isObject(args));
  if (!odd && invalid.length === 0 && calls.length === raw.length) return;
  message.tool_calls = raw.flatMap(({ id, function: called }) => {
    const parsed = calls.find((call) => call.id === id);
    const args = isObject(parsed?.args) ? parsed.args : [called.arguments];
    return [{ type: "tool_call" as const, id, name: called.name, args: args as Fields }];
  });
  message.invalid_tool_calls = [];
}

/**
 * Reads the calls of a message that LangChain has joined from chunks like those of a whole answer.
 * LangChain completes JSON that was cut off, and would create a call with incomplete arguments.
 */
export function readStrictly(message: AIMessageChunk): void {
  const calls = new Map<unknown, { id?: string; name: string; text: string }>();
  for (const { index, id, name = "", args = "" } of message.tool_call_chunks ?? []) {
    const call = calls.get(index ?? id);
    if (call) call.text += args;
    else calls.set(index ?? id, { ...(id === undefined ? {} : { id }), name, text: args });
  }
  const read = [...calls.values()].map(({ text, ...call }) => {
    const value = parse(text.trim() === "" ? "{}" : text);
    const args = isObject(value)
      ? value
      : ([text.replace(unreadableMark, "")] as unknown as Fields);
    return { type: "tool_call" as const, ...call, args };
  });
  if (read.every(({ args }) => !Array.isArray(args))) return;
  message.tool_calls = read;
  message.invalid_tool_calls = [];
  // A copy of the message would read them again.
  message.tool_call_chunks = [];
}
