import { isObject } from "../../input/is-object.ts";
import { invalid } from "../invalid-answer.ts";

/** More than any embedding model has. */
const maxDimensions = 65_536;

/**
 * The vectors of an answer to `POST /embeddings`, sorted in the order of the inputs.
 * Each may be a list of numbers, or base64 of 32-bit floats.
 *
 * Source: https://openrouter.ai/docs/api/api-reference/embeddings/submit-an-embedding-request
 *
 * @param count - Number of inputs.
 * @throws {ModelError} unless there is one vector for each input, all with the same number of dimensions
 */
export function readVectors({ data }: Readonly<Record<string, unknown>>, count: number) {
  if (!Array.isArray(data)) throw invalid("The answer has no list of embeddings", "malformed");
  if (data.length !== count) {
    throw invalid(`The answer has ${data.length} embeddings for ${count} inputs`, "malformed");
  }
  const vectors: Float32Array<ArrayBuffer>[] = Array.from({ length: count });
  for (const [place, item] of data.entries()) {
    const { index = place, embedding } = isObject(item) ? item : {};
    if (!isIndexBelow(count, index) || vectors[index]) {
      throw invalid("The indexes of the embeddings are not those of the inputs", "malformed");
    }
    vectors[index] = readVector(embedding);
  }
  const dimensions = new Set(vectors.map(({ length }) => length));
  if (dimensions.size > 1) {
    throw invalid("The embeddings of one answer have different dimensions", "malformed");
  }
  return vectors;
}

/** Whether a value is the index of an item of a list. */
export function isIndexBelow(count: number, index: unknown): index is number {
  return Number.isInteger(index) && (index as number) >= 0 && (index as number) < count;
}

function readVector(embedding: unknown): Float32Array<ArrayBuffer> {
  const vector = typeof embedding === "string" ? decode(embedding) : fromNumbers(embedding);
  if (vector.length === 0) throw invalid("An embedding is empty, or is not a vector", "malformed");
  if (vector.length > maxDimensions) {
    throw invalid(`An embedding has more than ${maxDimensions} dimensions`, "too_large");
  }
  if (!vector.every(Number.isFinite)) {
    throw invalid("An embedding has a value that is not a finite number", "malformed");
  }
  return vector;
}

function fromNumbers(value: unknown): Float32Array<ArrayBuffer> {
  if (!Array.isArray(value)) return new Float32Array();
  // llama.cpp puts the vector of an input into a list.
  const [first]: readonly unknown[] = value;
  if (value.length === 1 && Array.isArray(first)) return fromNumbers(first);
  return Float32Array.from(value, (part: unknown) => (typeof part === "number" ? part : NaN));
}

function decode(base64: string): Float32Array<ArrayBuffer> {
  // Buffer skips characters that are not base64, so that a text would be accepted.
  const bytes = Buffer.from(/^[\w+/-]+={0,2}$/.test(base64) ? base64 : "", "base64");
  if (bytes.length % 4 !== 0) return new Float32Array();
  const vector = new Float32Array(bytes.length / 4);
  for (let index = 0; index < vector.length; index += 1)
    vector[index] = bytes.readFloatLE(index * 4);
  return vector;
}
