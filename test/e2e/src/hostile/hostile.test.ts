import { expect, test } from "vitest";
import { behaviours } from "./behaviours.ts";
import { runHostile } from "./run.ts";

/** One behaviour of each kind that takes no time; `pnpm hostile` tries all. */
const quick = [
  "reset",
  "a broken chunk size",
  "307 to another origin",
  "tool calls of null",
  "429 for 30 years",
  "an error in a stream that quotes the key",
  "ids that quote the key",
  "a written call without an end",
];

test("hostile servers cost an attempt, and neither the process, nor the next call, nor a key", async () => {
  expect(quick.filter((name) => !(name in behaviours))).toEqual([]);
  const { results, fatal } = await runHostile(quick);
  expect(fatal).toEqual([]);
  expect(results.filter(({ problem }) => problem !== undefined)).toEqual([]);
  expect(results).toHaveLength(quick.length * 3);
});
