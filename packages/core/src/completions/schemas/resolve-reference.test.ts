import { expect, test } from "vitest";
import { resolveReference } from "./resolve-reference.ts";

const root = {
  $defs: { node: "node", "a/b": "slash", "a~b": "tilde", "50%": "percent", "a b": "space" },
  anyOf: ["first", "second"],
};

test.each([
  ["#", root],
  ["#/$defs/node", "node"],
  ["#/%24defs/node", "node"],
  ["#/anyOf/1", "second"],
  ["#/$defs/a~1b", "slash"],
  ["#/$defs/a~0b", "tilde"],
  ["#/$defs/a%20b", "space"],
  ["#/$defs/a b", "space"],
  ["#/$defs/50%25", "percent"],
  ["#/$defs/50%", "percent"],
  ["#/$defs/other", undefined],
  ["#/$defs/node/length", undefined],
  ["#/constructor", undefined],
  ["other.json#/$defs/node", undefined],
  ["", undefined],
])("%j names its part of the schema", (reference, part) => {
  expect(resolveReference(reference, root)).toBe(part);
});
