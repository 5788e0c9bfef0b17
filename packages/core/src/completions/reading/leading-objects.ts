import { isObject, type Fields } from "../../input/is-object.ts";
import { balancedEnd } from "./find-json.ts";
import { parse } from "../tool-calls/tool-arguments.ts";

/** Maximum characters of a text: one of 15 million took 100 ms in one turn of the event loop. */
const maxLength = 2 ** 20;
/** Maximum objects of one body. */
const maxObjects = 100_000;

/**
 * The JSON objects at the beginning of a text, one after the other or in a list. Text after them
 * is ignored.
 *
 * @returns none if none of them is an answer or a part of one; none for a text of more than a million characters
 */
export function leadingObjects(text: string): Fields[] {
  if (text.length > maxLength) return [];
  const objects: Fields[] = [];
  const next = /[{[]/y;
  for (let at = skip(text, 0); objects.length < maxObjects;) {
    next.lastIndex = at;
    const end = next.test(text) ? balancedEnd(text, at) : undefined;
    const value = end === undefined ? undefined : parse(text.slice(at, end));
    const items = Array.isArray(value) ? (value as unknown[]) : [value];
    if (end === undefined || !items.every(isObject)) break;
    objects.push(...items);
    at = skip(text, end);
  }
  return objects.some(saysAnything) ? objects : [];
}

/** Whether an object has a part of an answer. Others, and the text after them, may be anything. */
function saysAnything({ choices, error, done }: Fields): boolean {
  return Boolean(choices ?? error ?? done !== undefined);
}

/** @returns the position of the next character that is not a space between two values */
function skip(text: string, from: number): number {
  const space = /[\s,;]*/y;
  space.lastIndex = from;
  space.test(text);
  return space.lastIndex;
}
