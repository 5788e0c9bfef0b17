import { expect, test } from "vitest";
import { renderSections } from "./render-sections.ts";

class Order {
  readonly orderNumber = 7n;
  readonly note = "soon";
}

test.each([
  ["a text", "Hi", "Hi"],
  [
    "an object",
    { maxPrice: 5, note: "soon", left: undefined },
    "# Max price\n\n```json\n5\n```\n\n# Note\n\nsoon",
  ],
  ["an instance of a class", new Order(), "# Order number\n\n7\n\n# Note\n\nsoon"],
  ["a map with names", new Map([["note", "soon"]]), "# Note\n\nsoon"],
  ["a list", ["a", { b: 1n }], '["a",{"b":"1"}]'],
  ["a set", new Set([1]), "[1]"],
  ["a date", new Date(0), "1970-01-01T00:00:00.000Z"],
  ["a bigint", 3n, "3"],
  ["a number", 3, "3"],
  ["null", null, "null"],
])("%s is rendered for a model", (_, input, text) => {
  expect(renderSections(input)).toBe(text);
});

test("a value that contains itself is refused", () => {
  const list: unknown[] = [];
  list.push(list);
  expect(() => renderSections(list)).toThrow("circular");
});
