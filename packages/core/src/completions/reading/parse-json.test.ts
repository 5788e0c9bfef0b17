import { assert, integer, json, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { failureOf } from "../__fixtures__/exchange.ts";
import { isTooComplex, JsonShape, maxDepth, maxValues, maxValuesAtOnce } from "./json-shape.ts";
import { canParseAtOnce, parseJson } from "./parse-json.ts";

const listOf = (count: number, item: string): string => `[${`${item},`.repeat(count - 1)}${item}]`;
const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

/** The JSON text of an object with so many properties. */
function objectOf(properties: number): string {
  const entries = Array.from({ length: properties }, (_, at) => [`key-${at}`, at]);
  return JSON.stringify(Object.fromEntries(entries));
}

describe("parseJson", () => {
  test.each([
    ["a short text", '{"a":[1,"b"]}'],
    ["a long text", JSON.stringify({ picture: "A".repeat(3_000_000) })],
    ["many values", listOf(10_000, '{"a":1.5,"b":["x",null]}')],
    ["more values than are parsed at once", listOf(100_000, '{"a":"\\u00e9\\n"}')],
    ["more escapes than are parsed at once", `["${String.raw`\n\"\\`.repeat(2e6)}"]`],
    ["names of the prototype", `[${nested(3)},{"__proto__":{"a":1}},${listOf(90_000, "1")}]`],
  ])("reads %s as JSON.parse does", async (_, text) => {
    expect(JSON.stringify(await parseJson(text))).toBe(JSON.stringify(JSON.parse(text)));
    expect({}).not.toHaveProperty("a");
  });

  test.each([
    ["cut off", listOf(100_000, '"a"').slice(0, -1)],
    ["broken", `${listOf(100_000, '"a"')}]`],
  ])("fails for many values that are %s", async (_, text) => {
    await expect(parseJson(text)).rejects.toBeInstanceOf(Error);
  });

  test("leaves other work its turns", async () => {
    const text = listOf(150_000, '{"a":1}');
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 0);
    await parseJson(text);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
  });

  test.each([
    ["levels", "malformed", nested(maxDepth + 1)],
    ["values", "too_large", listOf(maxValues, '""')],
    ["values", "too_large", objectOf(20_000)],
    ["values", "too_large", `[${" ".repeat(50 * maxValues)}]`],
  ])("refuses too many %s (%s)", async (what, reason, text) => {
    const error = await failureOf(parseJson(text));
    expect(error.details).toMatchObject({ kind: "invalid_response_error", reason });
    expect(error.message).toContain(what);
  });
});

test.each([
  ["a text with escapes", JSON.stringify('"'.repeat(2e6)), true],
  ["a text of escapes", JSON.stringify('"'.repeat(5e6)), false],
  ["many values", listOf(1_000_000, "1"), false],
])("canParseAtOnce leaves the turn after it to the parsing: %s", async (_, text, expected) => {
  let isLater = false;
  setImmediate(() => (isLater = true));
  expect(await canParseAtOnce(text)).toBe(expected);
  expect(isLater).toBe(true);
});

describe("JsonShape", () => {
  test("is the same of a text in pieces", () => {
    assert(
      property(json({ maxDepth: 8 }), integer({ min: 1, max: 7 }), (text, size) => {
        const whole = new JsonShape(1e6).feed(text);
        const pieces = new JsonShape(1e6);
        for (let at = 0; at < text.length; at += size) pieces.feed(text.slice(at, at + size));
        expect([pieces.values, pieces.isAcceptable]).toEqual([whole.values, whole.isAcceptable]);
      }),
    );
  });

  test("counts no brackets, commas and levels in texts", () => {
    const text = JSON.stringify({ a: String.raw`[[,,\"[{\\` });
    expect(new JsonShape(1e6).feed(text).values).toBe(3);
    expect(isTooComplex(JSON.stringify("[,".repeat(maxValuesAtOnce)))).toBe(false);
    expect(isTooComplex(listOf(maxValuesAtOnce, '""'))).toBe(true);
    expect(isTooComplex(nested(maxDepth))).toBe(false);
    expect(isTooComplex(nested(maxDepth + 1))).toBe(true);
  });
});
