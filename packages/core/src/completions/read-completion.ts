import { isObject } from "../input/is-object.ts";
import { flattenContent } from "./content-parts.ts";
import { olderMessage, openEnvelope } from "./envelope.ts";
import { tidyFinish, usualReasons } from "./finish-reasons.ts";
import { checkChoices } from "./message-parts.ts";
import { readCalls } from "./tool-calls/read-calls.ts";
import type { ResponseState } from "./response-state.ts";
import { checkCallSizes } from "./tool-calls/tool-call-count.ts";
import type { Completion } from "./wire.ts";

/**
 * Reads a whole answer, and converts its messages to OpenAI's format, in place.
 *
 * @throws {ModelError} for choices or tool calls that are not a list, and tool calls that are too large
 */
export function readCompletion(completion: Completion, state: ResponseState): void {
  if (!completion.choices) openEnvelope(completion, "message");
  state.readBody(completion);
  for (const choice of checkChoices(completion.choices)) {
    if (typeof choice !== "object" || choice === null) continue;
    if (!isObject(choice.message)) Object.assign(choice, { message: olderMessage(choice) });
    if (!usualReasons.has(choice.finish_reason ?? "stop")) tidyFinish(choice, state.metadata);
    const { message } = choice;
    if (typeof (message?.content ?? "") !== "string") flattenContent(message);
    if (!message?.tool_calls) continue;
    readCalls(message, state.tools);
    checkCallSizes(message.tool_calls, state.limits.toolCalls);
  }
}
