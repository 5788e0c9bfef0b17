import { expect, test } from "vitest";
import { behaviours } from "./behaviours.ts";
import { runHostile } from "./run.ts";

/** One behaviour of each kind; `pnpm hostile` tries all. */
const quick = [
  "reset",
  "a broken chunk size",
  "307 to another origin",
  "endless deltas of a megabyte",
  "an unknown encoding",
  "a million arrays",
  "choices of null",
  "tool calls of null",
  "8,000 tool calls",
  "429 for 30 years",
  "an error in a stream that quotes the key",
  "ids that quote the key",
  "15 MB of objects",
  "a written call without an end",
  "20,000 calls of one index in deltas",
  "a megabyte of arguments in deltas",
  "an error with headers of 12 MB",
];

test(
  "hostile servers cost an attempt, and neither the process, nor the next call, nor a key",
  { timeout: 240_000 },
  async () => {
    expect(quick.filter((name) => !(name in behaviours))).toEqual([]);
    const { results, fatal } = await runHostile(quick);
    expect(fatal).toEqual([]);
    expect(results.filter(({ problem }) => problem !== undefined)).toEqual([]);
    expect(results).toHaveLength(quick.length * 3);
  },
);
