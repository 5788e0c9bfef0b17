import { ModelError } from "../../errors/model-error.ts";
import type { Fields } from "../../input/is-object.ts";
import { invalid } from "../invalid-answer.ts";
import { JsonShape } from "../reading/json-shape.ts";
import { isCall } from "../message-parts.ts";
import { argumentsText, isEmptyOrJson } from "./tool-arguments.ts";
import type { Completion } from "../wire.ts";

/** Counts the tool calls of a stream, whose pieces identify their call by its index. */
export class ToolCallCount {
  readonly #calls = new Map<unknown, JsonShape>();
  #characters = 0;
  #pieces = 0;
  #isNamed = false;

  /**
   * @returns whether a call has its name, or so much has arrived that this is the answer
   * @throws {ModelError} for more calls than an answer may have, and for arguments that are too large
   */
  add(pieces: unknown, maxCalls: number): boolean {
    if (!Array.isArray(pieces)) return false;
    for (const [position, piece] of pieces.entries()) {
      if (typeof piece !== "object" || piece === null) {
        throw invalid("A tool call of the answer is not an object", "malformed");
      }
      const { index = position, function: called } = piece as Fields;
      let shape = this.#calls.get(index);
      if (!shape) this.#calls.set(index, (shape = new JsonShape(maxValuesOfArguments)));
      checkCallCount(this.#calls.size, maxCalls);
      checkName(called);
      this.#pieces += 1;
      this.#isNamed ||= isCall(piece);
      const text = argumentsText((called as Fields | null | undefined)?.["arguments"]);
      this.#characters += text.length;
      if (this.#characters > maxArguments) throw tooLarge();
      shape.feed(text);
      if (shape.isTooLarge) throw tooLarge();
    }
    return this.#isNamed || this.#pieces > maxNameless;
  }
}

/** Pieces of calls without a name that are held back. */
const maxNameless = 100;

/** Characters of the arguments of all calls of one answer: more than a model writes in one answer. */
const maxArguments = 2 ** 19;
/** Maximum values in the arguments of one call. LangChain parses those of a stream again with each piece. */
const maxValuesOfArguments = 20_000;

/** Characters of a tool's name, far more than any server accepts. */
const maxName = 256;

function checkName(called: unknown): void {
  const { name } = (called ?? {}) as Fields;
  if (typeof name !== "string" || name.length <= maxName) return;
  throw invalid("A tool call of the answer has too long a name", "malformed");
}

/** The error of a tool call without the name of its tool. */
export function nameless(): ModelError {
  return invalid("A tool call of the answer does not name its tool", "broken_call");
}

/** The error of a tool call whose arguments are cut off by the token limit. */
export function cutOffCall(name: string): ModelError {
  return invalid(`The arguments of the call of ${name} are cut off`, "truncated");
}

function tooLarge(): ModelError {
  return invalid(
    `The arguments of the answer's tool calls have more than ${maxArguments} characters, or ${maxValuesOfArguments} values`,
    "too_large",
  );
}

/** @throws {ModelError} for more calls than an answer may have */
export function checkCallCount(calls: number, maxCalls: number): void {
  if (calls <= maxCalls) return;
  throw new ModelError(
    `The answer calls more than ${maxCalls} tools, the limit for one answer (LLM_MAX_TOOL_CALLS)`,
    { kind: "invalid_response_error", reason: "too_many_tool_calls" },
  );
}

/**
 * Checks the size of the tool calls of a whole answer, before they are read.
 *
 * @throws {ModelError} for too many calls, for arguments that are too large or have too many levels
 */
export function checkCallSizes(calls: readonly unknown[], maxCalls: number): void {
  checkCallCount(calls.length, maxCalls);
  let characters = 0;
  for (const call of calls) {
    const called = (call as Fields | null)?.["function"] as Fields | null | undefined;
    const text = argumentsText(called?.["arguments"]);
    checkName(called);
    characters += text.length;
    if (characters > maxArguments) throw tooLarge();
    const shape = new JsonShape(maxValuesOfArguments).feed(text);
    if (shape.isTooDeep) {
      throw invalid(
        `The arguments of the call of ${String(called?.["name"])} have too many levels`,
        "malformed",
      );
    }
    if (shape.isTooLarge) throw tooLarge();
  }
}

/**
 * Checks the tool calls of a whole answer. Arguments that are not JSON are sent back to the model. An
 * answer that was cut off cannot be corrected.
 *
 * @throws {ModelError} for an invalid call, and as {@link checkCallSizes}; for arguments that are cut off
 */
export function checkCalls(
  calls: NonNullable<Completion["choices"][number]["message"]["tool_calls"]>,
  maxCalls: number,
  isCutOff: boolean,
): void {
  if (!Array.isArray(calls) || !calls.every(isCall)) {
    throw nameless();
  }
  checkCallSizes(calls, maxCalls);
  for (const call of calls) {
    if (call.type === "custom") continue;
    const { name, arguments: text } = call.function;
    if (isCutOff && !isEmptyOrJson(text)) throw cutOffCall(name);
  }
}
