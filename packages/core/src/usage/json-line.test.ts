import { expect, test } from "vitest";
import { jsonLine, shortStack } from "./json-line.ts";

const line = (entry: object) => JSON.parse(jsonLine(entry, (text) => text)) as unknown;

test.each([
  ["a plain record", { call: { id: "c", attempts: [{ number: 1, status: undefined }] } }],
  ["null and nothing", { a: null, b: [] }],
])("%s is written as JSON writes it", (_, entry) => {
  expect(line(entry)).toEqual(JSON.parse(JSON.stringify(entry)));
});

test("an error has its message at any position", () => {
  expect(line({ inner: [{ failure: new Error("503") }] })).toMatchObject({
    inner: [{ failure: { name: "Error", message: "503" } }],
  });
});

test("the stack of an error does not repeat its message, also where that has several lines", () => {
  const error = new TypeError("failed\n  1. a: 503\n  2. b: 503");
  const { stack } = (line({ error }) as { error: Error }).error;
  expect(stack).toMatch(/^TypeError\n +at /);
  expect(stack).not.toContain("503");
});

test.each([
  ["Error: why", "what", "Error: why"],
  ["Error\n    at f (a.ts:1:1)", "what", "Error\n    at f (a.ts:1:1)"],
  [
    "ModelError [kind]: what\n    at f (a.ts:1:1)",
    "It failed: what",
    "ModelError [kind]\n    at f (a.ts:1:1)",
  ],
  ["Error: what", "what", "Error"],
  [undefined, "what", undefined],
])("the stack %j beside %j is %j", (stack, message, expected) => {
  expect(shortStack(stack, message)).toBe(expected);
});

test("nothing in it can end the line, or reorder its text", () => {
  const entry = { message: "a\u2028b\u0085c\u009b31m\u202ed\ne" };
  const line = jsonLine(entry, (text) => text);
  expect(line).toMatch(/^[\x20-\x7e]*$/);
  expect(JSON.parse(line)).toEqual(entry);
});

test("a big integer is a text, and a circle is named", () => {
  expect(line({ inner: { count: 3n } })).toEqual({ inner: { count: "3" } });
  const circle: Record<string, unknown> = { name: "a" };
  circle["self"] = [circle];
  expect(JSON.stringify(line(circle))).toContain("[circular]");
});
