/** Decoded text, or the reason why the bytes are not text. */
export type DecodedText = { text: string } | { reason: string };

/**
 * Decodes a text file: UTF-8 with or without a byte order mark, UTF-16 with one, or else the encoding that the text
 * declares. Windows line breaks become `\n`, so that lines can be counted.
 *
 * @param isMarkup - Whether the text may declare its encoding, as HTML does.
 */
export function decodeText(bytes: Uint8Array, isMarkup = false): DecodedText {
  const encoding = encodingOf(bytes);
  // Texts have no NUL character, although it is valid UTF-8.
  if (encoding === "utf-8" && bytes.includes(0)) return { reason: "binary: it contains NUL bytes" };
  const declared = isMarkup ? declaredEncoding(bytes) : undefined;
  const text = decode(bytes, encoding) ?? (declared && decode(bytes, declared));
  if (text === undefined) {
    const tried = declared ? ` and not ${declared}` : "";
    return { reason: `not ${encoding.toUpperCase()}${tried} text: convert it to UTF-8` };
  }
  if (text.includes("\0")) return { reason: "binary: it contains NUL characters" };
  return { text: text.replaceAll("\r\n", "\n") };
}

function encodingOf(bytes: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  return "utf-8";
}

/** `undefined` for bytes that are not text in the encoding, and for an unknown encoding. */
function decode(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Bytes in which a page declares its encoding, as in the HTML standard. */
const maxDeclaration = 1024;

function declaredEncoding(bytes: Uint8Array): string | undefined {
  const beginning = new TextDecoder("latin1").decode(bytes.subarray(0, maxDeclaration));
  return /\b(?:charset|encoding)\s*=\s*["']?([\w.:-]+)/i.exec(beginning)?.[1];
}
