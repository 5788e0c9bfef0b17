import { expect, test } from "vitest";
import { table } from "./table.ts";

test("aligns its columns, numbers to the right", () => {
  expect(
    table(
      ["client", "ms"],
      [
        ["fetch", 0.5],
        ["ChatOpenAI", 12],
      ],
    ),
  ).toBe(
    [
      "| client     |  ms |",
      "| ---------- | --: |",
      "| fetch      | 0.5 |",
      "| ChatOpenAI |  12 |",
    ].join("\n"),
  );
});
