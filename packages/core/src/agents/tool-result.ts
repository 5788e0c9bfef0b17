import { setImmediate } from "node:timers/promises";
import { BaseMessage } from "@langchain/core/messages";
import { errorText, isError, plainValue } from "./plain-value.ts";

/** The call whose result is read. */
export interface ResultSource {
  /** The tool's name. */
  readonly name: string;
  /** Aborts at the timeout of the call. */
  readonly signal: AbortSignal;
  /** Maximum characters of a result for the model. */
  readonly maxResult: number;
}

/** Streams are read to this many bytes; a larger blob is not read. */
const maxBytes = 2 ** 24;

/** Maximum number of values of a result that are read. The text for the model is shorter anyway. */
const minValues = 100_000;

/**
 * The result of a tool as the model gets it: a text, or content blocks. Streams, responses and blobs are read.
 *
 * @throws {TypeError} that names the tool, for a value that has no text, such as a function
 */
export async function readableResult(result: unknown, source: ResultSource): Promise<unknown> {
  if (typeof result === "string" || isOfGraph(result) || isContent(result)) return result;
  if (typeof result === "function" || typeof result === "symbol") {
    throw unreadable(source, `a ${typeof result}`);
  }
  if (result instanceof Response) return responseText(result, source);
  if (result instanceof Blob) return blobText(result);
  if (isGenerator(result)) return lastOf(yieldsOf(result, source, readableResult));
  if (isAsyncIterable(result)) return readStream(result, source);
  return textOf(result, source);
}

function textOf(result: unknown, source: ResultSource): string {
  if (result === undefined) return "[no result]";
  if (BaseMessage.isInstance(result)) return result.text;
  if (isError(result)) return errorText(result);
  const bytes = bytesOf(result);
  if (bytes) return bytesText(bytes);
  try {
    const plain = plainValue(result, {
      circular: () => "[circular]",
      maxValues: Math.max(minValues, source.maxResult),
    });
    return typeof plain === "string" ? plain : (JSON.stringify(plain) ?? "[no result]");
  } catch (cause) {
    throw unreadable(source, "what cannot be read", cause);
  }
}

function unreadable({ name }: ResultSource, what: string, cause?: unknown): TypeError {
  const why = isError(cause) ? ` (${cause.message})` : "";
  return new TypeError(
    `The tool ${name} returned ${what}${why}: expected a text, or a value that JSON can express`,
    { cause },
  );
}

/** A message or a command of LangChain: it is passed to the graph unchanged. */
function isOfGraph(result: unknown): boolean {
  return (
    typeof result === "object" &&
    result !== null &&
    ("lc_direct_tool_output" in result || "lg_name" in result)
  );
}

/** Types of parts of a message, in the forms of LangChain and of providers. */
const partTypes = new Set([
  "text",
  "text-plain",
  "image",
  "image_url",
  "input_image",
  "audio",
  "input_audio",
  "video",
  "video_url",
  "file",
  "input_file",
  "document",
  "search_result",
  "reasoning",
  "non_standard",
]);

/** Parts of a message. */
function isContent(result: unknown): boolean {
  // `every` skips the holes of an array.
  return Array.isArray(result) && result.length > 0 && result.findIndex(isNoPart) === -1;
}

/** The program's own objects may have a `type` too. */
function isNoPart(value: unknown): boolean {
  const { type } = (value ?? {}) as { readonly type?: unknown };
  return typeof type !== "string" || !partTypes.has(type);
}

type AnyGenerator = AsyncGenerator | Generator;

export function isGenerator(result: unknown): result is AnyGenerator {
  if (typeof result !== "object" || result === null || !("next" in result)) return false;
  const isIterable = Symbol.asyncIterator in result || Symbol.iterator in result;
  return typeof result.next === "function" && isIterable;
}

function isAsyncIterable(result: unknown): result is AsyncIterable<unknown> {
  return typeof result === "object" && result !== null && Symbol.asyncIterator in result;
}

/** Values that are read in one turn of the event loop. */
const valuesPerTurn = 1000;

/** The texts and values of a stream. */
class Pieces {
  readonly #source: ResultSource;
  readonly #values: unknown[] = [];
  #size = 0;
  #count = 0;

  constructor(source: ResultSource) {
    this.#source = source;
  }

  get isFull(): boolean {
    return this.#size > maxBytes;
  }

  /** Lets other work run, such as timeouts, while a stream yields values without a wait. */
  async add(value: unknown): Promise<void> {
    if (!this.isFull) this.#keep(value);
    this.#count += 1;
    if (this.#count % valuesPerTurn === 0) await setImmediate();
    this.#source.signal.throwIfAborted();
  }

  #keep(value: unknown): void {
    const bytes = typeof value === "string" ? Buffer.from(value) : bytesOf(value);
    this.#values.push(bytes ?? value);
    this.#size += (bytes ?? textOf(value, this.#source)).length;
  }

  /** A text if all are texts or bytes, or else a list. */
  text(): string {
    const values = this.#values;
    if (values.length === 0) return "[no result]";
    const bytes = values.filter((value) => value instanceof Uint8Array);
    if (bytes.length === values.length) return bytesText(Buffer.concat(bytes));
    const list = values.map((value) => (value instanceof Uint8Array ? bytesText(value) : value));
    return textOf(list, this.#source);
  }
}

/**
 * The same generator for LangChain, which reports the yielded values. It returns the result for the model:
 * the value that the tool's generator returns, or else all values that it yields.
 */
export async function* yieldsOf(
  generator: AnyGenerator,
  source: ResultSource,
  read: (result: unknown, source: ResultSource) => Promise<unknown>,
): AsyncGenerator {
  const pieces = new Pieces(source);
  try {
    for (;;) {
      const { done, value } = await generator.next();
      if (done) return await read(value === undefined ? pieces.text() : value, source);
      await pieces.add(value);
      yield value;
    }
  } finally {
    await generator.return?.(undefined);
  }
}

async function lastOf(generator: AsyncGenerator): Promise<unknown> {
  for (;;) {
    const { done, value } = await generator.next();
    if (done) return value;
  }
}

async function readStream(stream: AsyncIterable<unknown>, source: ResultSource): Promise<string> {
  const pieces = new Pieces(source);
  for await (const piece of stream) {
    await pieces.add(piece);
    if (pieces.isFull) break;
  }
  return pieces.text();
}

async function responseText(response: Response, source: ResultSource): Promise<string> {
  if (response.bodyUsed) throw unreadable(source, "a response whose body was read already");
  const { ok, status, statusText, body } = response;
  const text = body ? await readStream(body, source) : "[no result]";
  return ok ? text : `HTTP ${status} ${statusText}`.trim() + `\n${text}`;
}

async function blobText(blob: Blob): Promise<string> {
  const bytes = blob.size > maxBytes ? undefined : new Uint8Array(await blob.arrayBuffer());
  return bytes ? bytesText(bytes) : numberOf(blob.size);
}

function bytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (value instanceof Uint8ClampedArray || value instanceof DataView) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  const isBuffer = value instanceof ArrayBuffer || value instanceof SharedArrayBuffer;
  return isBuffer ? new Uint8Array(value) : undefined;
}

/** The text of bytes, or their number if they are not text. */
function bytesText(bytes: Uint8Array): string {
  if (bytes.length > maxBytes * 2 || bytes.includes(0)) return numberOf(bytes.length);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return numberOf(bytes.length);
  }
}

function numberOf(bytes: number): string {
  return `[${bytes} bytes]`;
}
