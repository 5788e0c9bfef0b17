import { isObject, type Fields } from "../../input/is-object.ts";
import { invalid } from "../invalid-answer.ts";
import { parse } from "./tool-arguments.ts";
import type { WireTool } from "../wire.ts";

/** A message, or a piece of one, whose tool calls may have any form. */
interface Calling {
  tool_calls?: unknown;
}

/** Names of the arguments in calls that are not in OpenAI's format. */
const argumentNames = ["arguments", "args", "input", "parameters"];

/**
 * Converts the tool calls of a message, or of a piece of one, to OpenAI's format, in place: a list, each with a
 * `function`. Servers put name and arguments beside the id, send one call without a list, calls by their
 * numbers, or a custom tool although functions were offered.
 *
 * @param tools - The tools of the request.
 * @throws {ModelError} for tool calls that are not a list
 */
export function readCalls(message: Calling, tools: readonly WireTool[] | undefined): void {
  const { tool_calls: given } = message;
  if (Array.isArray(given) && given.every(isPlain)) return;
  const hasCustom = tools?.some(({ type }) => type === "custom") ?? false;
  message.tool_calls = listOf(given).map((call) => plainCall(call, hasCustom));
}

function isPlain(call: unknown): boolean {
  if (!isObject(call) || !isObject(call["function"]) || call["type"] === "custom") return false;
  return "arguments" in call["function"];
}

function listOf(given: unknown): readonly unknown[] {
  const calls = typeof given === "string" ? parse(given) : given;
  if (Array.isArray(calls)) return calls;
  if (!isObject(calls)) throw invalid("The tool calls of the answer are not a list", "broken_call");
  return Object.values(calls).every(isObject) && !isCall(calls) ? Object.values(calls) : [calls];
}

function isCall({ function: called, name, custom }: Fields): boolean {
  return called !== undefined || name !== undefined || custom !== undefined;
}

/** @param hasCustom - Whether custom tools were offered: their calls are not changed. */
function plainCall(call: unknown, hasCustom: boolean): unknown {
  if (!isObject(call)) return call;
  const { function: called, custom, ...rest } = call;
  if (isObject(custom) && hasCustom) return call;
  const sources = [called, custom, call].filter(isObject);
  const name = typeof called === "string" ? called : firstOf(sources, ["name"]);
  const args = firstOf(sources, argumentNames);
  // A piece with only an id.
  if (name === undefined && args === undefined) return call;
  for (const field of ["name", ...argumentNames]) delete rest[field];
  return { ...rest, type: "function", function: { name, arguments: args } };
}

function firstOf(sources: readonly Fields[], names: readonly string[]): unknown {
  const values = sources.flatMap((source) => names.map((name) => source[name]));
  return (
    values.find((value) => value !== undefined && value !== null && value !== "") ??
    values.find((value) => value !== undefined)
  );
}
