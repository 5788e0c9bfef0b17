/** From the epoch of UUIDs, 1582-10-15, to that of Unix, in milliseconds. */
const epochMs = 12_219_292_800_000;

/**
 * When LangGraph created a checkpoint, from its id, which is a UUID of version 6 (RFC 9562, section 5.6).
 *
 * @returns milliseconds since the Unix epoch
 */
export function timeOfCheckpoint(id: string): number {
  const digits = id.replaceAll("-", "");
  const ticks = BigInt(`0x${digits.slice(0, 12)}${digits.slice(13, 16)}`);
  return Number(ticks / 10_000n) - epochMs;
}
