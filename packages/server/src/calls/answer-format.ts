import type { Completion, CompletionChunk } from "@orchestra/core";
import type { ApiError } from "../errors/api-error.ts";

export type Body = Readonly<Record<string, unknown>>;

/** An API for completions. */
export interface CallApi {
  /**
   * Reads the body of a request.
   *
   * @throws {ApiError} for fields that the API does not support
   */
  readonly read: (body: Body) => ReadRequest;
}

export interface ReadRequest {
  /** The request as one for a chat completion; it may have `agent_type` and `model: "agent:<role>"`. */
  readonly body: Body;
  readonly format: AnswerFormat;
}

/** Writes the answer to one request. */
export interface AnswerFormat {
  /** Whether answers are sent unchanged, if nothing has to change. */
  readonly keepsJson: boolean;
  /** @returns JSON */
  readonly whole: (completion: Completion) => string;
  readonly stream: () => EventWriter;
}

/** Writes the server-sent events of one stream; each method returns the events, as text. */
export interface EventWriter {
  readonly chunk: (chunk: CompletionChunk) => string;
  readonly end: () => string;
  /** The end of a stream that has begun, and failed. */
  readonly fail: (error: ApiError) => string;
}
