import { isTurnOver, nextTurn } from "../../clock/index.ts";
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
