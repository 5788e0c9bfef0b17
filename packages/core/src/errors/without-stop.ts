/** A message of other code, for the middle of a sentence: without a full stop at its end. */
export function withoutStop(message: string): string {
  return message.replace(/\.\s*$/, "");
}
