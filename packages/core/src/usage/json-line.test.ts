import { expect, test } from "vitest";
import { jsonLine } from "./json-line.ts";

const line = (entry: object) => JSON.parse(jsonLine(entry, (text) => text)) as unknown;

test.each([
  ["a plain record", { call: { id: "c", attempts: [{ number: 1, status: undefined }] } }],
  ["null and nothing", { a: null, b: [] }],
])("%s is written as JSON writes it", (_, entry) => {
  expect(line(entry)).toEqual(JSON.parse(JSON.stringify(entry)));
});

test("an error says its message wherever it is", () => {
  expect(line({ inner: [{ failure: new Error("503") }] })).toMatchObject({
    inner: [{ failure: { name: "Error", message: "503" } }],
  });
});

test("a big integer is a text, and a circle is named", () => {
  expect(line({ inner: { count: 3n } })).toEqual({ inner: { count: "3" } });
  const circle: Record<string, unknown> = { name: "a" };
  circle["self"] = [circle];
  expect(JSON.stringify(line(circle))).toContain("[circular]");
});
