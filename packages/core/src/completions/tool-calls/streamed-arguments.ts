import { isObject } from "../../input/is-object.ts";
import { parse, readableArguments, unwrap } from "./tool-arguments.ts";

/**
 * Is appended to streamed arguments that are not a JSON object. With it, no parser accepts them as JSON, not even
 * LangChain's, which completes JSON that was cut off.
 */
export const unreadableMark = '…" [not a JSON object]';

/**
 * The arguments of one streamed tool call, and the part of them that the reader has received. A piece is passed on when
 * it arrives, except if only the end of the arguments decides how to read it: JSON texts inside of JSON, an empty
 * object that others may follow, anything after the object.
 */
export class StreamedArguments {
  /** Characters that were read, and the number of them that the reader has received. */
  #read = 0;
  #passed = 0;
  /** The characters that the reader has not received: a slice of all arguments would keep them all in memory. */
  #held = "";
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  /** The beginning of a string of which no character is known. */
  #openedAt: number | undefined;
  /** Whether the first object has had its first character. */
  #hasBegun = false;
  #heldFrom: number | undefined;
  #hasEnded = false;

  /**
   * @param text - The characters that follow.
   * @param minLength - Minimum length of a piece that is passed on.
   * @returns the characters that can be passed on
   */
  pass(text: string, minLength = 1): string {
    if (this.#hasEnded) return text;
    for (let at = 0; at < text.length; at += 1, this.#read += 1) this.#scan(text[at] ?? "");
    this.#held += text;
    const undecided = this.#hasBegun ? this.#openedAt : 0;
    const length = (this.#heldFrom ?? undecided ?? this.#read) - this.#passed;
    if (length < minLength) return "";
    const piece = this.#held.slice(0, length);
    this.#held = this.#held.slice(length);
    this.#passed += length;
    return piece;
  }

  /** The rest of the arguments, so that all pieces together are the arguments of the whole answer. */
  end(all: string, schema: unknown): string {
    if (this.#hasEnded) return "";
    this.#hasEnded = true;
    const passed = all.slice(0, this.#passed);
    const whole = readableArguments(all, schema);
    const value = parse(whole);
    if (!isObject(value)) return this.#held + unreadableMark;
    if (whole.startsWith(passed)) return whole.slice(passed.length);
    const goal = JSON.stringify(value);
    if (JSON.stringify(parse(passed)) === goal) return "";
    const rest = unwrapAfter(passed, all, schema, goal);
    return rest ?? this.#held + unreadableMark;
  }

  #scan(character: string): void {
    if (this.#heldFrom !== undefined) return;
    if (this.#isInString) this.#scanString(character);
    else if (!/\s/.test(character)) this.#scanToken(character);
  }

  #scanString(character: string): void {
    if (this.#openedAt !== undefined && !/\s/.test(character)) {
      if (character === "{" || character === "[") this.#heldFrom = this.#openedAt;
      this.#openedAt = undefined;
    }
    if (this.#isEscaped) this.#isEscaped = false;
    else if (character === "\\") this.#isEscaped = true;
    else if (character === '"') this.#isInString = false;
  }

  #scanToken(character: string): void {
    const isWhole = this.#depth === 0 && this.#hasBegun;
    if (isWhole) this.#heldFrom = this.#read;
    else if (this.#depth === 0 && character !== "{") this.#heldFrom = 0;
    else if (this.#depth > 0 && !this.#hasBegun && character === "}") this.#heldFrom = 0;
    if (this.#depth > 0) this.#hasBegun = true;
    if (character === "{" || character === "[") this.#depth += 1;
    else if (character === "}" || character === "]") this.#depth -= 1;
    else if (character === '"') {
      this.#isInString = true;
      this.#openedAt = this.#read;
    }
  }
}

/** Maximum JSON texts that are tried, each of which takes the time of reading all arguments; fewer for long ones. */
const maxTexts = 50;
const maxCharacters = 2 ** 20;

/**
 * Replaces JSON texts in arguments by their content, after the part that the reader has received.
 *
 * @param goal - The resulting arguments, as `JSON.stringify` writes them.
 */
function unwrapAfter(passed: string, all: string, schema: unknown, goal: string) {
  const literal = /"[^"\\]*(?:\\.[^"\\]*)*"/gs;
  let text = all;
  let at = passed.length;
  const maxTried = Math.min(maxTexts, Math.ceil(maxCharacters / all.length));
  for (let tried = 0; tried < maxTried;) {
    literal.lastIndex = at;
    const found = literal.exec(text);
    if (!found) break;
    at = literal.lastIndex;
    const inner = parse(found[0]);
    if (typeof inner !== "string" || parse(inner) === undefined) continue;
    tried += 1;
    const replaced = text.slice(0, found.index) + inner + text.slice(at);
    if (JSON.stringify(unwrap(parse(replaced), schema)) !== goal) continue;
    text = replaced;
    at = found.index;
  }
  return JSON.stringify(parse(text)) === goal ? text.slice(passed.length) : undefined;
}
