/** Limits of what a server may send, so that no response exhausts the memory or blocks the process. */
export interface ResponseLimits {
  /** Bytes of one response, whole or streamed. */
  readonly answer: number;
  /** Bytes of one JSON document: an event of a stream, or a whole answer; and characters of a stream's texts. */
  readonly event: number;
  /** Bytes of an error's body that are read. */
  readonly error: number;
  /** Tool calls in one answer. */
  readonly toolCalls: number;
}

/** The limits of one body. */
export type BodyLimits = Pick<ResponseLimits, "answer" | "event">;

export const defaultLimits: ResponseLimits = {
  answer: 64 * 2 ** 20,
  event: 16 * 2 ** 20,
  error: 256 * 2 ** 10,
  toolCalls: 128,
};

/** More than any server sends for one token: the event with its ids, and `logprobs`. */
export const maxBytesOfToken = 4096;
/** Data of an answer in addition to its tokens: annotations, images of the prompt, keep-alives. */
export const bytesBesideTokens = 4 * 2 ** 20;
