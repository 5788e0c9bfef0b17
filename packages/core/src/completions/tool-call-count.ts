import { ModelError } from "../errors/model-error.ts";

/** Counts the tool calls of a stream, whose pieces name their call by its index. */
export class ToolCallCount {
  readonly #calls = new Set<unknown>();

  /** @throws {ModelError} for more calls than an answer may have */
  add(pieces: unknown, maxCalls: number): void {
    if (!Array.isArray(pieces)) return;
    for (const [position, piece] of pieces.entries()) {
      const { index = position } = (piece ?? {}) as { readonly index?: unknown };
      this.#calls.add(index);
      checkCallCount(this.#calls.size, maxCalls);
    }
  }
}

/** @throws {ModelError} for more calls than an answer may have */
export function checkCallCount(calls: number, maxCalls: number): void {
  if (calls <= maxCalls) return;
  throw new ModelError(
    `The answer calls more than ${maxCalls} tools, the limit for one answer (LLM_MAX_TOOL_CALLS)`,
    { kind: "invalid_response_error", reason: "too_many_tool_calls" },
  );
}
