import { isTurnOver, nextTurn } from "../../clock/index.ts";
import { compressedStarts, decompress } from "./decode-body.ts";
import type { HttpResponse } from "./http.ts";
import { invalid } from "../invalid-answer.ts";

/**
 * Reads a body as text.
 *
 * @param maxBytes - After decompression.
 * @param name - The name of the body, for the error.
 * @param setting - The variable that sets `maxBytes`, for the error.
 * @throws {ModelError} for a larger body; the connection is closed
 */
export async function readBody(
  { packets }: HttpResponse,
  maxBytes: number,
  name: string,
  setting?: string,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for (;;) {
    const packet = await packets.read();
    if (!packet) return text + decoder.decode();
    bytes += packet.byteLength;
    if (bytes > maxBytes) {
      await packets.cancel();
      const limit = setting === undefined ? "" : ` (${setting})`;
      throw invalid(
        `The answer to GET ${name} is larger than ${maxBytes} bytes${limit}`,
        "too_large",
      );
    }
    text += decoder.decode(packet, { stream: true });
    if (isTurnOver()) await nextTurn();
  }
}

/** Reads the first bytes of an error's body. */
export async function readErrorText(
  { packets: given }: HttpResponse,
  maxBytes: number,
): Promise<string> {
  let packets = given;
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  try {
    for (;;) {
      let packet = await packets.read();
      if (!packet) return text + decoder.decode();
      if (bytes === 0 && compressedStarts.has(packet[0])) {
        [packet, packets] = await decompress(packet, packets);
      }
      bytes += packet.byteLength;
      const excess = Math.max(0, bytes - maxBytes);
      text += decoder.decode(packet.subarray(0, packet.byteLength - excess), { stream: true });
      if (excess > 0) break;
    }
  } catch {
    // The status is sufficient, even if its explanation is cut off.
  }
  await packets.cancel();
  return text;
}
