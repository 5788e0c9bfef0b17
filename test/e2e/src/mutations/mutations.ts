import {
  array,
  boolean,
  constantFrom,
  nat,
  oneof,
  record,
  tuple,
  type Arbitrary,
} from "fast-check";

/** A change of an answer; places are taken modulo the answer's length. */
export type Mutation =
  | {
      readonly kind: "bytes";
      readonly how: ByteChange;
      readonly at: number;
      readonly length: number;
      readonly other: string;
    }
  | { readonly kind: "events"; readonly how: EventChange; readonly at: number; readonly to: number }
  | {
      readonly kind: "field";
      readonly event: number;
      readonly at: number;
      readonly how: FieldChange;
      readonly value: unknown;
    };

type ByteChange = "delete" | "repeat" | "replace" | "insert" | "cut";
type EventChange = "delete" | "repeat" | "move" | "reverse";
type FieldChange = "delete" | "replace" | "rename" | "repeat" | "empty";

/** An answer with its mutations, and how its bytes are sent. */
export interface Case {
  readonly recording: number;
  readonly mutations: readonly Mutation[];
  /** Where a packet ends and another begins. */
  readonly cuts: readonly number[];
  /** Whether the connection breaks off after the bytes. */
  readonly isBroken: boolean;
  /** Whether the caller reads a stream. */
  readonly isLive: boolean;
}

const oddTexts = [
  "",
  " ",
  "\u0000",
  "\ud800",
  "}",
  "{",
  "]",
  '"',
  "\\",
  "\n\n",
  "data: ",
  "\r",
  "null",
  "[DONE]",
  "🙂",
  "NaN",
] as const;
const oddValues = [
  null,
  true,
  false,
  0,
  -1,
  1,
  -0.5,
  1e308,
  -1e308,
  2 ** 53,
  "",
  "x",
  "1",
  "NaN",
  "stop",
  "length",
  "error",
  "tool_calls",
  "content_filter",
  [],
  {},
  [null],
  [[]],
  [{}],
  { a: 1 },
  '{"query":',
  '{"query":"x"}',
  '["x"]',
  '""',
] as const;

const mutation: Arbitrary<Mutation> = oneof(
  record({
    kind: constantFrom("bytes" as const),
    how: constantFrom<ByteChange>("delete", "repeat", "replace", "insert", "cut"),
    at: nat(100_000),
    length: oneof(nat(3), nat(80)),
    other: constantFrom(...oddTexts),
  }),
  record({
    kind: constantFrom("events" as const),
    how: constantFrom<EventChange>("delete", "repeat", "move", "reverse"),
    at: nat(1000),
    to: nat(1000),
  }),
  record({
    kind: constantFrom("field" as const),
    event: nat(1000),
    at: nat(1000),
    how: constantFrom<FieldChange>("delete", "replace", "rename", "repeat", "empty"),
    value: constantFrom<unknown>(...oddValues),
  }),
);

export const cases: Arbitrary<Case> = record({
  recording: nat(100_000),
  mutations: array(mutation, { minLength: 1, maxLength: 3 }),
  // Most answers have some thousand bytes.
  cuts: array(nat(3000), { maxLength: 4 }).map((places) => places.toSorted((a, b) => a - b)),
  isBroken: tuple(nat(7)).map(([n]) => n === 0),
  isLive: boolean(),
});

/** The answer's text with its changes. */
export function mutate(text: string, isStream: boolean, mutations: readonly Mutation[]): string {
  let changed = text;
  for (const each of mutations) {
    if (each.kind === "bytes") changed = changeBytes(changed, each);
    else if (each.kind === "events") changed = changeEvents(changed, isStream, each);
    else changed = changeField(changed, isStream, each);
  }
  return changed;
}

function changeBytes(
  text: string,
  { how, at, length, other }: Extract<Mutation, { kind: "bytes" }>,
): string {
  const from = at % (text.length + 1);
  const part = text.slice(from, from + length);
  const [before, after] = [text.slice(0, from), text.slice(from + length)];
  if (how === "delete") return before + after;
  if (how === "repeat") return before + part + part + after;
  if (how === "replace") return before + other + after;
  if (how === "insert") return before + other + part + after;
  return before;
}

/** Events of a stream with their empty lines; lines of another body. */
function piecesOf(text: string, isStream: boolean): string[] {
  return isStream ? text.split(/(?<=\n\n)/) : text.split(/(?<=,)/);
}

function changeEvents(
  text: string,
  isStream: boolean,
  { how, at, to }: Extract<Mutation, { kind: "events" }>,
): string {
  const pieces = piecesOf(text, isStream);
  const from = at % pieces.length;
  const target = to % pieces.length;
  if (how === "reverse") {
    const [first, last] = [Math.min(from, target), Math.max(from, target) + 1];
    pieces.splice(first, last - first, ...pieces.slice(first, last).toReversed());
  } else if (how === "repeat") pieces.splice(target, 0, pieces[from] ?? "");
  else {
    const [piece = ""] = pieces.splice(from, 1);
    if (how === "move") pieces.splice(target, 0, piece);
  }
  return pieces.join("");
}

type Json = Record<string, unknown> | unknown[];
type Place = readonly [holder: Json, key: string];

function changeField(
  text: string,
  isStream: boolean,
  change: Extract<Mutation, { kind: "field" }>,
): string {
  const pieces = isStream ? piecesOf(text, true) : [text];
  const index = change.event % pieces.length;
  const found = /^(\s*(?:data: ?)?)(\{[^]*\})(\s*)$/.exec(pieces[index] ?? "");
  if (!found) return text;
  const [, before = "", json = "", after = ""] = found;
  const body = parse(json);
  if (body === undefined) return text;
  const places = placesOf(body);
  const place = places[change.at % Math.max(1, places.length)];
  if (place) changePlace(place, change);
  pieces[index] = before + JSON.stringify(body) + after;
  return pieces.join("");
}

function placesOf(holder: unknown): Place[] {
  if (typeof holder !== "object" || holder === null) return [];
  return Object.entries(holder).flatMap(([key, value]) => [
    [holder as Json, key] as const,
    ...placesOf(value),
  ]);
}

function changePlace(
  [holder, key]: Place,
  { how, value }: { how: FieldChange; value: unknown },
): void {
  const fields = holder as Record<string, unknown>;
  const before = fields[key];
  if (how === "replace") fields[key] = structuredClone(value);
  else if (how === "empty") fields[key] = emptyOf(before);
  else if (how === "repeat") {
    if (Array.isArray(holder)) holder.push(structuredClone(before));
    else if (Array.isArray(before)) before.push(...structuredClone(before));
    else fields[`${key}_again`] = before;
  } else if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else {
    delete fields[key];
    if (how === "rename") fields[`${key}x`] = before;
  }
}

function emptyOf(value: unknown): unknown {
  if (typeof value === "string") return "";
  if (typeof value === "number") return 0;
  return Array.isArray(value) ? [] : {};
}

export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
