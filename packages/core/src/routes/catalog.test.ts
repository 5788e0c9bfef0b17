import { expect, test } from "vitest";
import { readCatalog } from "./catalog.ts";

test.each([
  ["0.000001", 0.000001],
  [0.5, 0.5],
  ["0", 0],
  ["-1", undefined],
  [-1, undefined],
  [null, undefined],
  ["", undefined],
  [" ", undefined],
  ["free", undefined],
  [[], undefined],
  [true, undefined],
  ["Infinity", undefined],
])("reads the price %j as %j", (prompt, usd) => {
  const model = readCatalog({ data: [{ id: "a/b", pricing: { prompt } }] }).get("a/b");
  expect(model).toMatchObject({ id: "a/b" });
  expect(model?.promptUsd).toBe(usd);
});
