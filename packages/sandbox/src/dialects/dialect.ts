import type { Refusal } from "../faults/refusal.ts";
import type { ChatRequest, JsonObject } from "../wire/chat-request.ts";

/**
 * The form in which one kind of server sends answers: its changes to the answer of the sandbox's model,
 * which is in OpenRouter's form or in plain OpenAI's. A dialect changes the form, and not the
 * content: chat, tools, structured output and the pipeline work in each.
 */
export interface Dialect {
  /** Its model is `sandbox/dialect-NAME`. */
  readonly name: string;
  /** One line for `--help` and the catalogue. */
  readonly description: string;
  /**
   * The form that it changes: OpenRouter's, with cost, provider and generation ids, or that of another
   * OpenAI-compatible server, which has none of them and reports the usage of a stream only on request.
   *
   * @defaultValue `openrouter`
   */
  readonly format?: "openrouter" | "openai";
  /** Whether its answers report usage. @defaultValue `true` */
  readonly reportsUsage?: boolean;
  /** Rewrites the chunks of a streamed answer, from the first to the usage. */
  readonly chunks?: (chunks: readonly Chunk[], context: DialectContext) => readonly Piece[];
  /** Rewrites a whole answer; a text is sent unchanged. */
  readonly body?: (body: Body, context: DialectContext) => JsonObject | string;
  /** Writes an event of a stream. @defaultValue `data: JSON` and an empty line */
  readonly event?: (json: string) => string;
  /** The end of a stream. @defaultValue `data: [DONE]` and an empty line */
  readonly done?: string;
  /** Refuses a request before it is answered and charged. */
  readonly refuse?: (request: DialectRequest) => Refusal | undefined;
  /** `Content-Type` of streams and of whole answers; an empty one is omitted. */
  readonly contentType?: { readonly stream?: string; readonly body?: string };
  /** Additional headers of every answer. */
  readonly headers?: Readonly<Record<string, string>>;
  /** `Content-Encoding` of answers and refusals, even if the client has not requested it. */
  readonly encoding?: "gzip" | "br" | "deflate" | "deflate-raw" | "zstd";
  /** Whether a header names the encoding. @defaultValue `true` */
  readonly isLabelled?: boolean;
}

/** A request, as the input of a dialect. */
export interface DialectRequest {
  readonly request: ChatRequest;
  /** The body of the request, unchanged. */
  readonly requestBody: JsonObject;
  /** 1 for the first request with this body, 2 for its first repetition, and so on. */
  readonly attempt: number;
}

/** A request and its answer, as the input of a dialect. */
export interface DialectContext extends DialectRequest {
  /** The whole answer, also if it is streamed. */
  readonly answer: Body;
}

/** A part of a streamed body: a chunk, a text that is sent unchanged, or a pause in milliseconds. */
export type Piece = JsonObject | string | number;

/** A chunk of a streamed answer. */
export interface Chunk extends JsonObject {
  readonly id: string;
  readonly choices: readonly ChunkChoice[];
  readonly usage?: JsonObject;
}

export interface ChunkChoice extends JsonObject {
  readonly delta: Message;
  readonly finish_reason: string | null;
}

/** A whole answer. */
export interface Body extends JsonObject {
  readonly id: string;
  readonly choices: readonly BodyChoice[];
  readonly usage?: JsonObject;
}

export interface BodyChoice extends JsonObject {
  readonly message: Message;
  readonly finish_reason: string;
}

/** The model's message, whole or a piece of it. */
export interface Message extends JsonObject {
  readonly content?: string | null;
  readonly tool_calls?: readonly WireToolCall[];
}

/** A tool call, whole or a piece of it; only its first piece has an id and a name. */
export interface WireToolCall extends JsonObject {
  readonly index: number;
  readonly id?: string;
  readonly function: { readonly name?: string; readonly arguments: string };
}

/** Name of the model with a dialect. */
export function dialectModel({ name }: Dialect): string {
  return `sandbox/dialect-${name}`;
}
