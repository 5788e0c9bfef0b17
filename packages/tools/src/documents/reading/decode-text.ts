/** Decoded text, or the reason why the bytes are none. */
export type DecodedText = { text: string } | { reason: string };

/**
 * Decodes a text file: UTF-8 with or without a byte order mark, UTF-16 with one. Line breaks come out as `\n`, so
 * that counting them counts the file's lines whatever wrote it.
 */
export function decodeText(bytes: Uint8Array): DecodedText {
  const encoding = encodingOf(bytes);
  // A NUL is no character of any text; it would pass as valid UTF-8.
  if (encoding === "utf-8" && bytes.includes(0)) return { reason: "binary: it contains NUL bytes" };
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    if (text.includes("\0")) return { reason: "binary: it contains NUL characters" };
    return { text: text.replaceAll("\r\n", "\n") };
  } catch {
    return { reason: `not ${encoding.toUpperCase()} text` };
  }
}

function encodingOf(bytes: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  return "utf-8";
}
