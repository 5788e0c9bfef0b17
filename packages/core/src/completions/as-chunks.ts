import { ArgumentError } from "../errors/argument-error.ts";
import type { Completion, CompletionChunk } from "./wire.ts";

/**
 * A whole answer as the chunks of a stream: one with all choices, and one with the usage.
 *
 * @throws {ArgumentError} for a value without choices
 */
export function asChunks(completion: Completion): readonly CompletionChunk[] {
  if (!Array.isArray(completion?.choices)) {
    throw ArgumentError.of("asChunks(): completion", completion, "a completion with its choices");
  }
  const { choices, usage, ...rest } = completion;
  const fields = { ...rest, object: "chat.completion.chunk" as const };
  const answer = {
    ...fields,
    choices: choices.map(({ message, ...choice }) => ({
      ...choice,
      delta: {
        ...message,
        ...(message.tool_calls
          ? { tool_calls: message.tool_calls.map((call, index) => ({ ...call, index })) }
          : {}),
      },
    })),
  } as unknown as CompletionChunk;
  if (!usage) return [answer];
  return [answer, { ...fields, choices: [], usage }];
}
