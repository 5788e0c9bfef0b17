import type { CallbackHandlerMethods } from "@langchain/core/callbacks/base";

/** A call of a callback, by the parts that handlers read. */
export interface CallbackEvent {
  readonly event: "start" | "token" | "end" | "error";
  readonly tags?: unknown;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly runName?: string | undefined;
  readonly runId?: string;
  readonly serialized?: unknown;
  /** `invocation_params` of the call. */
  readonly params?: unknown;
  /** Options of the call. */
  readonly options?: unknown;
  readonly token?: string;
  readonly indices?: unknown;
  readonly hasChunk?: boolean;
  readonly output?: unknown;
}

/** A callback handler that records its calls. */
export function recordCallbacks() {
  const events: CallbackEvent[] = [];
  const handler: CallbackHandlerMethods = {
    handleChatModelStart(serialized, _messages, runId, _parent, extra, tags, metadata, runName) {
      const { invocation_params: params, options } = extra ?? {};
      events.push({ event: "start", serialized, runId, params, options, tags, metadata, runName });
    },
    handleLLMNewToken(token, indices, _runId, _parent, _tags, fields) {
      events.push({ event: "token", token, indices, hasChunk: fields?.chunk !== undefined });
    },
    handleLLMEnd(output) {
      events.push({ event: "end", output });
    },
    handleLLMError() {
      events.push({ event: "error" });
    },
  };
  const of = (event: CallbackEvent["event"]) => events.filter((seen) => seen.event === event);
  return { handler, events, of };
}
