import { isObject, type Fields } from "../../input/is-object.ts";
import { CompletionAssembler } from "../assemble-completion.ts";
import { invalid } from "../invalid-answer.ts";
import { isTooComplex } from "./json-shape.ts";
import { keepAnswer } from "./kept-answers.ts";
import { leadingObjects } from "./leading-objects.ts";
import { parseLargeObject } from "./parse-json.ts";
import { notObject, parseLoosely } from "./read-json.ts";
import { parse } from "../tool-calls/tool-arguments.ts";
import type { Completion, CompletionChunk } from "../wire.ts";

/**
 * Reads a body that begins as JSON up to the end of its first line, which decides whether it is a stream of
 * JSON lines.
 *
 * @param start - The data that was already read.
 * @param maxLength - Maximum length of a line, in characters.
 * @returns all data read so far, converted to the beginning of an event if it is JSON lines, and whether it is
 */
export async function readStart(
  start: string,
  read: () => Promise<string | undefined>,
  maxLength: number,
): Promise<[text: string, isOfLines: boolean]> {
  let text = start;
  let isEnded = start.includes("\n");
  while (!isEnded && text.length <= maxLength) {
    const packet = await read();
    if (packet === undefined) break;
    isEnded = packet.includes("\n");
    text += packet;
  }
  return isOfLines(text) ? [`data: ${text}`, true] : [text, false];
}

/** Whether the first line is a chunk, as in Ollama's own API. */
function isOfLines(text: string): boolean {
  const end = text.indexOf("\n");
  const line = end < 0 ? text : text.slice(0, end);
  const value = /"(delta|chat\.completion\.chunk|text|done)"/.test(line) ? parse(line) : undefined;
  return isObject(value) && isChunk(value);
}

/** Converts JSON lines to server-sent events; the end of the last one is missing. */
export function asEvents(lines: string): string {
  return lines.replaceAll("\n", "\n\ndata: ");
}

/** Whether an object is a piece of an answer: OpenAI's, also in the older format, or Ollama's. */
function isChunk(value: Fields): boolean {
  const { choices, object, done } = value;
  if (object === "chat.completion.chunk" || typeof done === "boolean") return true;
  const [choice] = Array.isArray(choices) ? (choices as unknown[]) : [];
  return isObject(choice) && "delta" in choice;
}

/**
 * Reads a body to its end.
 *
 * @param start - The data that was already read.
 * @returns `undefined` for a body with more characters than `maxLength`
 */
export async function readText(
  start: string,
  read: () => Promise<string | undefined>,
  maxLength: number,
): Promise<string | undefined> {
  let text = start;
  for (let packet = await read(); packet !== undefined; packet = await read()) {
    text += packet;
    if (text.length > maxLength) return undefined;
  }
  return text;
}

/**
 * Reads a whole body as one JSON object.
 *
 * @param keepsJson - Whether its text is kept, if it need not be repaired.
 * @throws {ModelError} for a body that is not JSON, is cut off, or has too many levels or values
 */
export async function readDocument(text: string, keepsJson = false): Promise<Completion> {
  const exact = await parseLargeObject(text);
  if (exact && keepsJson) keepAnswer(exact, text, "message");
  const value = exact ?? parseLoosely(text) ?? readOddDocument(text);
  if (!value) throw isCut(text) ? cutAfter(Buffer.byteLength(text)) : notObject("The answer");
  return value as unknown as Completion;
}

function cutAfter(bytes: number): Error {
  return invalid(`The answer was cut after ${bytes} bytes`, "interrupted");
}

/** Whether a text is the beginning of a JSON document, according to the parser's error. */
function isCut(text: string): boolean {
  if (isTooComplex(text)) return false;
  try {
    JSON.parse(text);
    return false;
  } catch (error) {
    const { message } = error as Error;
    const at = Number(/at position (\d+)/.exec(message)?.[1] ?? Infinity);
    const isAtEnd = Number.isFinite(at) && at >= text.trimEnd().length;
    return isAtEnd || /end of JSON|Unterminated/.test(message);
  }
}

/**
 * Reads a body that is not one JSON document: it has other data at its end, or is the chunks of a stream
 * without separators.
 *
 * @returns `undefined` for a body that is ambiguous or cannot be read
 */
function readOddDocument(text: string): Fields | undefined {
  const objects = leadingObjects(text);
  if (objects.length === 1) return objects[0];
  if (objects.length > 1 && objects.every((each) => isChunk(each) || !each["choices"])) {
    return objects.some(isChunk) ? assembled(objects) : undefined;
  }
  const answers = objects.filter((each) => each["choices"]);
  return answers.length === 1 ? answers[0] : undefined;
}

function assembled(chunks: readonly Fields[]): Fields {
  const assembler = new CompletionAssembler();
  for (const chunk of chunks) assembler.add(chunk as unknown as CompletionChunk);
  return assembler.build() as unknown as Fields;
}
