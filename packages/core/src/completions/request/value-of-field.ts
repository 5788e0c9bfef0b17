const backslash = "\\".charCodeAt(0);
const comma = ",".charCodeAt(0);
const colon = ":".charCodeAt(0);
const quote = '"'.charCodeAt(0);
const brace = "{".charCodeAt(0);
const bracket = "[".charCodeAt(0);
const closingBrace = "}".charCodeAt(0);
const closingBracket = "]".charCodeAt(0);

/**
 * Finds the value of a field in the JSON of an object.
 *
 * @param json - UTF-8 that has already been parsed: it is not checked here.
 * @returns the JSON of the value, in the same memory; `undefined` if it is absent or ambiguous: a field
 * that exists twice, or with an escape in a name
 */
export function valueOfField(json: Buffer, field: string): Buffer | undefined {
  const name = `"${field}"`;
  let found: Buffer | undefined;
  let depth = 0;
  /** The beginning of the current name, or of the current value, in the outer object. */
  let from = 0;
  let isWanted = false;
  for (let at = 0; at < json.length; at += 1) {
    const code = json[at];
    const isClosing = code === closingBrace || code === closingBracket;
    if (code === quote) at = endOfString(json, at);
    else if (code === brace || code === bracket) {
      depth += 1;
      if (depth === 1) from = at + 1;
    } else if (depth === 1 && code === colon) {
      const given = json.toString("utf8", from, at).trim();
      if (given.includes("\\")) return undefined;
      isWanted = given === name;
      from = at + 1;
    } else if (depth === 1 && (code === comma || isClosing)) {
      if (isWanted && found !== undefined) return undefined;
      if (isWanted) found = json.subarray(from, at);
      from = at + 1;
    }
    if (isClosing) depth -= 1;
  }
  return found;
}

/** @param at - The beginning of a text. @returns its end */
function endOfString(json: Buffer, at: number): number {
  let end = at;
  do end = json.indexOf(quote, end + 1);
  while (isEscaped(json, end));
  return end;
}

function isEscaped(json: Buffer, at: number): boolean {
  let backslashes = 0;
  while (json[at - 1 - backslashes] === backslash) backslashes += 1;
  return backslashes % 2 === 1;
}
