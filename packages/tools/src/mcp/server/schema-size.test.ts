import { expect, test } from "vitest";
import { expandedSize } from "./schema-size.ts";

const text = { type: "string" };

test("counts the parts of a schema", () => {
  const schema = { type: "object", properties: { a: text, b: { type: "array", items: text } } };
  expect(expandedSize(schema, 100)).toBe(9);
});

test("counts what references refer to as often as they do", () => {
  const once = expandedSize(
    { properties: { a: { $ref: "#/$defs/big" } }, $defs: { big: text } },
    100,
  );
  const twice = expandedSize(
    {
      properties: { a: { $ref: "#/$defs/big" }, b: { $ref: "#/$defs/big" } },
      $defs: { big: text },
    },
    100,
  );
  expect(twice - once).toBe(4);
});

test("ends at a reference to itself", () => {
  const node = { type: "object", properties: { next: { $ref: "#/$defs/node" } } };
  expect(expandedSize({ $ref: "#/$defs/node", $defs: { node } }, 100)).toBeLessThan(100);
});

test("is too large for references that double, and for deep nesting", () => {
  const $defs = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => {
      const next = { $ref: `#/$defs/a${index + 1}` };
      return [`a${index}`, { properties: { left: next, right: next } }];
    }),
  );
  expect(expandedSize({ $ref: "#/$defs/a0", $defs }, 1_000)).toBeGreaterThan(1_000);
  let nested: object = text;
  for (let depth = 0; depth < 10_000; depth += 1) nested = { items: nested };
  expect(expandedSize(nested, 1_000_000)).toBeGreaterThan(1_000_000);
});
