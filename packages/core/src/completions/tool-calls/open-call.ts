import { isObject, type Fields, type MutableFields } from "../../input/is-object.ts";
import type { JsonShape } from "../reading/json-shape.ts";
import type { StreamedArguments } from "./streamed-arguments.ts";
import { argumentsText, isWholeJson } from "./tool-arguments.ts";
import { nameOf } from "./tool-call-part.ts";

/** A tool call that has arrived in part. */
export interface OpenCall {
  /** Position among the calls of the answer. */
  readonly index: number;
  /** The index and the id from the server, if it sent any. */
  readonly serverIndex: number | undefined;
  serverId: string | undefined;
  /** Whether the reader of the stream has received the call's beginning. */
  isAnnounced: boolean;
  readonly passage: StreamedArguments;
  /** The arguments so far, and whether they are one whole JSON text; parsing them at each piece takes quadratic time. */
  readonly shape: JsonShape;
  isWhole: boolean | undefined;
  readonly call: MutableFields & { id: string; function: { name: string; arguments: string } };
}

/**
 * Whether a delta begins another call, although it could continue an open one.
 *
 * @param isDoubtful - Whether the delta has neither the id nor the index of the open call.
 */
export function beginsAnother(open: OpenCall, part: Fields, isDoubtful: boolean): boolean {
  if (nameOf(part) === undefined) return false;
  const { name: openName, arguments: text } = open.call.function;
  if (openName === "") return isDoubtful && text !== "";
  if (text === "") return isDoubtful;
  if (isOther(open, part)) return true;
  const given = isObject(part["function"]) ? argumentsText(part["function"]["arguments"]) : "";
  // Nothing can follow a complete object, except after an empty one that some servers send first.
  if (!isWhole(open) || text === "{}") return false;
  return given.trim() === "" ? isDoubtful : given !== text;
}

/** Whether the arguments are one whole JSON text: parsed once, when all brackets are closed. */
export function isWhole(open: OpenCall): boolean {
  if (open.isWhole === undefined && open.shape.isClosed)
    open.isWhole = isWholeJson(open.call.function.arguments);
  return open.isWhole ?? false;
}

export function isOther(open: OpenCall | undefined, part: Fields): boolean {
  return open !== undefined && nameOf(part) !== open.call.function.name;
}
