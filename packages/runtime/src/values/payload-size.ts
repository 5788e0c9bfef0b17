/**
 * The problem of the size of a stored value; `undefined` if it fits.
 *
 * @param json - The value as JSON.
 */
export function payloadProblem(json: string, maxBytes: number): string | undefined {
  const bytes = Buffer.byteLength(json);
  if (bytes <= maxBytes) return undefined;
  return `it has ${inDigits(bytes)} bytes as JSON: expected at most ${inDigits(maxBytes)} (ORCHESTRA_MAX_PAYLOAD_BYTES). Store large data elsewhere and pass its path or URL, or raise the limit`;
}

function inDigits(count: number): string {
  return count.toLocaleString("en-US");
}
