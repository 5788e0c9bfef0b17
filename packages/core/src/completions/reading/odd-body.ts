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
 * Reads a body that begins as JSON up to the end of its first line, which says whether it is a stream of
 * JSON lines.
 *
 * @param start - What has been read.
 * @param maxLength - Of a line, in characters.
 * @returns all that has been read, of lines as the beginning of an event, and whether it is lines
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

/** JSON lines as server-sent events; the last one lacks its end. */
export function asEvents(lines: string): string {
  return lines.replaceAll("\n", "\n\ndata: ");
}

/** Whether an object is a piece of an answer: OpenAI's, in the older form too, or Ollama's. */
function isChunk(value: Fields): boolean {
  const { choices, object, done } = value;
  if (object === "chat.completion.chunk" || typeof done === "boolean") return true;
  const [choice] = Array.isArray(choices) ? (choices as unknown[]) : [];
  return isObject(choice) && "delta" in choice;
}

/**
 * Reads a body to its end.
 *
 * @param start - What has been read.
 * @returns `undefined` for one with more characters than `maxLength`
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
 * @param keepsJson - Whether its text is kept, where nothing of it has to be repaired.
 * @throws {ModelError} for a body that is none, that is cut off, or has too many levels or values
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

/** Whether a text is the beginning of a JSON document, as the parser's error says. */
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
 * Reads a body that is no JSON document: one that something comes behind, or the chunks of a stream
 * without what separates them.
 *
 * @returns `undefined` for what can be read in more than one way, or not at all
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
