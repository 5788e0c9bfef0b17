import { ModelError } from "../errors/model-error.ts";
import { invalid } from "./invalid-answer.ts";
import { isTooDeep } from "./is-too-deep.ts";
import { isJson } from "./message-parts.ts";
import type { Completion } from "./wire.ts";

/** Counts the tool calls of a stream, whose pieces name their call by its index. */
export class ToolCallCount {
  readonly #calls = new Set<unknown>();

  /** @throws {ModelError} for more calls than an answer may have */
  add(pieces: unknown, maxCalls: number): void {
    if (!Array.isArray(pieces)) return;
    for (const [position, piece] of pieces.entries()) {
      if (typeof piece !== "object" || piece === null) {
        throw invalid("A tool call of the answer is not an object", "malformed");
      }
      const { index = position } = piece as { readonly index?: unknown };
      this.#calls.add(index);
      checkCallCount(this.#calls.size, maxCalls);
    }
  }
}

/** @throws {ModelError} for more calls than an answer may have */
function checkCallCount(calls: number, maxCalls: number): void {
  if (calls <= maxCalls) return;
  throw new ModelError(
    `The answer calls more than ${maxCalls} tools, the limit for one answer (LLM_MAX_TOOL_CALLS)`,
    { kind: "invalid_response_error", reason: "too_many_tool_calls" },
  );
}

/**
 * Checks the tool calls of a whole answer. Arguments that are not JSON go back to the model; of an
 * answer that was cut off, nothing helps.
 *
 * @throws {ModelError} for too many calls, for arguments with too many levels or that are cut off
 */
export function checkCalls(
  calls: NonNullable<Completion["choices"][number]["message"]["tool_calls"]>,
  maxCalls: number,
  isCutOff: boolean,
): void {
  checkCallCount(calls.length, maxCalls);
  for (const call of calls) {
    if (call.type === "custom") continue;
    const { name, arguments: text } = call.function;
    if (typeof text === "string" && isTooDeep(text)) {
      throw invalid(`The arguments of the call of ${name} have too many levels`, "malformed");
    }
    if (isCutOff && !isJson(text)) {
      throw invalid(`The arguments of the call of ${name} are cut off`, "truncated");
    }
  }
}
