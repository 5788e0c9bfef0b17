import {
  bareError,
  brokenCall,
  brokenOff,
  failedMidway,
  failureFrom,
  filtered,
  hasError,
  hasWords,
  invalid,
  refused,
} from "./invalid-answer.ts";
import { textOf } from "./content-parts.ts";
import { maxName } from "./clean-name.ts";
import { nothingSaid } from "./finish-reasons.ts";
import { hasOtherContent } from "./message-parts.ts";
import { checkCalls } from "./tool-calls/tool-call-count.ts";
import type { Completion, OpenRouterChoiceFields } from "./wire.ts";

/**
 * Throws for a completion that is not a success. Called if it is more than a plain text.
 *
 * @throws {ModelError}
 */
export function checkOddCompletion(completion: Completion, maxToolCalls: number): void {
  if (completion.error && hasError(completion.error))
    throw failureFrom(completion.error, completion);
  const choice: (Completion["choices"][number] & OpenRouterChoiceFields) | undefined =
    completion.choices?.[0];
  if (choice?.error && hasError(choice.error)) throw failureFrom(choice.error);
  if (!choice?.message) {
    const isError = bareError(completion) || hasWords(completion);
    throw isError ? failureFrom(completion) : invalid("The answer holds no choice", "malformed");
  }
  const { finish_reason: finish, message } = choice;
  const ended = choice.native_finish_reason ?? finish;
  const calls = message.tool_calls ?? [];
  if (ended && ended.length < maxName && brokenCall.test(ended) && calls.length === 0)
    throw brokenOff(ended);
  if ((finish as string) === "error") throw failedMidway();
  if (message.refusal && !message.content && calls.length === 0)
    throw refused(textOf(message.refusal));
  if (finish === "content_filter") throw filtered();
  if (calls.length !== 0) checkCalls(calls, maxToolCalls, finish === "length");
  if (!message.content && calls.length === 0 && !hasOtherContent(message)) {
    throw nothingSaid(ended);
  }
}
