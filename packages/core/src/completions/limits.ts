/** Bounds on what a server may send, so that no response exhausts the memory. In bytes. */
export const maxBytes = {
  /** One response, whole or streamed. */
  answer: 64 * 2 ** 20,
  /** The body of an error; what follows is cut off. */
  error: 256 * 2 ** 10,
} as const;
