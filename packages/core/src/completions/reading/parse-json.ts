import { isTurnOver, nextTurn } from "../../clock/index.ts";
import { ModelError } from "../../errors/model-error.ts";
import { isObject } from "../../input/is-object.ts";
import { invalid } from "../invalid-answer.ts";
import { JsonShape, maxValues, maxValuesAtOnce, simpleLength } from "./json-shape.ts";

/** Characters that are scanned without a pause. */
const sliceLength = 2 ** 16;
/** Characters of a text that is parsed in a separate turn of the event loop. */
export const largeText = 2 ** 20;

/**
 * Parses a JSON text of any size, in several turns of the event loop if that takes long.
 *
 * @throws {ModelError} for a text with too many levels or values
 * @throws {SyntaxError} for a text that is not JSON
 */
export async function parseJson(text: string): Promise<unknown> {
  if (text.length <= simpleLength) return JSON.parse(text);
  const shape = await shapeOf(text, maxValues);
  if (shape.isTooDeep) throw invalid("A JSON document has too many levels", "malformed");
  if (shape.isTooLarge) {
    throw invalid(`A JSON document has more than ${maxValues} values`, "too_large");
  }
  return shape.isParsedAtOnce ? JSON.parse(text) : parseInSlices(text);
}

/**
 * Whether a large JSON text has so few levels and values that it is parsed at once. The check takes as
 * long as parsing, so parsing happens in the next turn.
 */
export async function canParseAtOnce(text: string): Promise<boolean> {
  return (await shapeOf(text, maxValuesAtOnce)).isAcceptable;
}

async function shapeOf(text: string, limit: number): Promise<JsonShape> {
  const shape = new JsonShape(limit);
  for (let from = 0; from < text.length && shape.isAcceptable; from += sliceLength) {
    shape.feed(text.slice(from, from + sliceLength));
    if (isTurnOver()) await nextTurn();
  }
  if (text.length > largeText) await nextTurn();
  return shape;
}

async function parseInSlices(text: string): Promise<unknown> {
  const { JSONParser } = await import("@streamparser/json");
  const parser = new JSONParser({ paths: ["$"], stringBufferSize: sliceLength });
  let root: unknown;
  parser.onValue = ({ value }) => {
    root = value;
  };
  for (let from = 0; from < text.length; from += sliceLength / 4) {
    try {
      parser.write(text.slice(from, from + sliceLength / 4));
    } catch (error) {
      throw new SyntaxError("Unexpected text in JSON", { cause: error });
    }
    if (isTurnOver()) await nextTurn();
  }
  if (root === undefined) throw new SyntaxError("Unexpected end of JSON input");
  return root;
}

/**
 * Parses a JSON object of any size.
 *
 * @returns `undefined` for a text that is not a JSON object
 * @throws {ModelError} for a text with too many levels or values
 */
export async function parseLargeObject(
  text: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const value = await parseJson(text);
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (ModelError.isInstance(error)) throw error;
    return undefined;
  }
}
