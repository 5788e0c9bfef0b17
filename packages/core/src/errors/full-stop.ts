/** A message of other code, for the middle of a sentence: without a full stop at its end. */
export function withoutStop(message: string): string {
  return message.replace(/\.\s*$/, "");
}

/** A message as a whole sentence: with a full stop at its end, unless it ends with other punctuation. */
export function withStop(message: string): string {
  return /(?:^|[.!?:;…])\s*$/.test(message) ? message : `${message}.`;
}
