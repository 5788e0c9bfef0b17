import { isObject, type Fields } from "../../input/is-object.ts";
import { invalid } from "../invalid-answer.ts";
import { isTooComplex } from "./json-shape.ts";
import type { CompletionChunk } from "../wire.ts";
import { leadingObjects } from "./leading-objects.ts";

/** Marks the end of a stream. */
export const endOfStream = /^\s*"?\[?\s*DONE\s*\]?"?\s*$/i;

/** Data that servers send to keep a connection open. */
export const saysNothing = /^("?(null|ping|pong|keep-?alive|heartbeat)?"?)$/i;

/**
 * The objects of an event that is not one object: an error, or several objects, one in each line.
 *
 * @returns `undefined` for any other event
 */
export function parseOddEvent(event: string | undefined, data: string): Fields[] | undefined {
  if (event === "error") return [{ error: errorOf(parseLoosely(data), data) }];
  const lines = data.split("\n").filter((line) => !endOfStream.test(line));
  if (lines.length > maxObjects) return undefined;
  const objects = lines.map(parseLoosely);
  if (objects.every((object) => object !== undefined)) return objects;
  const leading = leadingObjects(data);
  return leading.length > 0 ? leading : undefined;
}

/** The usage in an event after the end of a stream, where some servers send it. The rest of the event is ignored. */
export function usageAfterEnd(data: string): CompletionChunk[] {
  const chunk = parseLoosely(data);
  const { usage, x_groq } = (chunk ?? {}) as Partial<CompletionChunk>;
  return usage || x_groq ? [{ choices: [], usage, x_groq } as unknown as CompletionChunk] : [];
}

/** Maximum lines of one event, each with an object. */
const maxObjects = 1000;

function errorOf(body: Fields | undefined, text: string): unknown {
  return body?.["error"] ?? body ?? { message: text };
}

/** Longer texts are JSON or invalid: searching for such numbers takes long. */
const maxLooseLength = 2 ** 18;

/** Python writes numbers that JSON does not have, for example the logarithm of a probability of 0. */
const notNumbers = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g;

/**
 * Reads a JSON object, in which values that are not numbers become `null`; of a list, its only item.
 *
 * @returns `undefined` for anything else
 */
export function parseLoosely(text: string): Fields | undefined {
  if (text.length > maxLooseLength || isTooComplex(text)) return undefined;
  try {
    const strict = text.replace(notNumbers, (found) => (found.startsWith('"') ? found : "null"));
    const parsed: unknown = JSON.parse(strict);
    // Google's errors are in a list.
    const value: unknown = Array.isArray(parsed) && parsed.length === 1 ? parsed[0] : parsed;
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A comment, or a field of an event, which may be cut off at the packet's end. */
export const startOfEvents = /^(:|data|event|id|retry|\uFEFF|[a-z]{0,5}$)/i;

export function neither(start: string): Error {
  const shown = JSON.stringify(start.slice(0, 80));
  return invalid(`The answer is neither JSON nor a stream of events: ${shown}`, "malformed");
}

/** The error of a body that is JSON, or JSON in an event, or in a list, as Google's are. */
export function errorOfBody(text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(/^data:(.*)/m.exec(text)?.[1] ?? text);
    const json = (Array.isArray(parsed) ? parsed[0] : parsed) as { error?: unknown } | null;
    return json?.error ?? json;
  } catch {
    return undefined;
  }
}

export function notObject(what: string): Error {
  return invalid(`${what} is not a JSON object, or has too many levels or values`, "malformed");
}

/** Maximum lines of one event: each takes memory and time beyond its characters. */
export const maxLines = 100_000;

export function linesOf(packet: string): number {
  return packet.split(/[\r\n]data/).length - 1;
}

export function tooManyLines(): Error {
  return invalid(`An event has more than ${maxLines} lines`, "too_large");
}
