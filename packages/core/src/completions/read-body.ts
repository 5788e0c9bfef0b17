import { invalid } from "./invalid-answer.ts";

/**
 * Reads a body as text.
 *
 * @param maxBytes - After decompression.
 * @param name - What is read, for the error.
 * @throws {ModelError} for a body that is larger; the connection is closed
 */
export async function readBody(
  { body }: Response,
  maxBytes: number,
  name: string,
): Promise<string> {
  if (!body) return "";
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > maxBytes) {
      await reader.cancel();
      throw invalid(`The answer to GET ${name} is larger than ${maxBytes} bytes`, "too_large");
    }
    text += decoder.decode(value, { stream: true });
  }
}
