import { ArgumentError } from "@orchestra/core/gateway";
import type { LiveDelta } from "./run-event.ts";

/** How much of an answer a reader has read: a text in characters, an object by its revision. */
type Seen = Map<string, number>;

/**
 * The position of a reader: the number of the last stored event, and how much it has read of the answers that
 * have not ended by then.
 */
export class Position {
  number: number;
  readonly #seen: Seen;

  /**
   * @param after - A number, or the cursor of an event.
   * @throws {ArgumentError} for any other value
   */
  constructor(after: number | string) {
    const [number, seen] =
      typeof after === "number" ? [after, []] : (parse(after) ?? refuse(after));
    this.number = number;
    this.#seen = new Map(seen);
  }

  get cursor(): string {
    if (this.#seen.size === 0) return String(this.number);
    return `${this.number}~${Buffer.from(JSON.stringify([...this.#seen])).toString("base64url")}`;
  }

  /** The part of a piece that the reader has not read; `undefined` if it has read all of it, or lacks earlier pieces. */
  rest<Delta extends LiveDelta>(delta: Delta): Delta | undefined {
    const seen = this.#seen.get(keyOf(delta)) ?? 0;
    if (delta.type === "object-delta") return delta.offset > seen ? delta : undefined;
    const { offset, text } = delta;
    if (offset > seen || offset + text.length <= seen) return undefined;
    return { ...delta, offset: seen, text: text.slice(seen - offset) };
  }

  /** The reader has read a piece. */
  take(delta: LiveDelta): void {
    const end = delta.type === "text-delta" ? delta.offset + delta.text.length : delta.offset;
    this.#seen.set(keyOf(delta), end);
  }

  /** The answer has ended, and the reader has read all of it. */
  end(delta: Pick<LiveDelta, "callId" | "attempt" | "type">): void {
    this.#seen.delete(keyOf(delta));
  }

  /** No answer is in progress any more. */
  endAll(): void {
    this.#seen.clear();
  }
}

function keyOf({ callId, attempt, type }: Pick<LiveDelta, "callId" | "attempt" | "type">): string {
  return JSON.stringify([callId, attempt, type]);
}

/** Whether a text is the cursor of an event, or its number. */
export function isCursor(text: string): boolean {
  return parse(text) !== undefined;
}

function parse(cursor: string): [number, [string, number][]] | undefined {
  const [, number, rest] = /^(\d{1,15})(?:~([\w-]+))?$/.exec(cursor) ?? [];
  if (number === undefined) return undefined;
  if (rest === undefined) return [Number(number), []];
  try {
    const seen: unknown = JSON.parse(Buffer.from(rest, "base64url").toString());
    return Array.isArray(seen) && seen.every(isSeen) ? [Number(number), seen] : undefined;
  } catch {
    return undefined;
  }
}

function isSeen(entry: unknown): entry is [string, number] {
  if (!Array.isArray(entry) || entry.length !== 2) return false;
  return typeof entry[0] === "string" && Number.isSafeInteger(entry[1]);
}

function refuse(cursor: string): never {
  throw new ArgumentError(
    `events(): options.after is not a cursor: expected the "cursor" of an event, or its number (it is ${JSON.stringify(cursor.slice(0, 100))})`,
  );
}
