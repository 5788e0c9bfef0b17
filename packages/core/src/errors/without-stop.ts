/** A message of other code, for the middle of a sentence: without the full stop that it may end with. */
export function withoutStop(message: string): string {
  return message.replace(/\.\s*$/, "");
}
