import { expect, test } from "vitest";
import { simulate } from "./simulate.ts";
import { count, newTotals } from "./totals.ts";

/** `pnpm simulate` runs 10,000. */
const seeds = Array.from({ length: 20 }, (_, index) => index + 1);

test(`${seeds.length} seeds violate no check, and have calls with each kind of result`, async () => {
  const totals = newTotals();
  for (const seed of seeds) count(totals, await simulate(seed));
  expect(totals.failed).toEqual([]);
  expect(totals.calls).toBeGreaterThan(250);
  expect(totals.requests).toBeGreaterThan(250);
  expect(Object.keys(totals.outcomes).toSorted()).toEqual([
    "aborted",
    "answered",
    "failed",
    "interrupted",
    "left",
  ]);
});

test("two simulations with one seed are equal", async () => {
  const first = await simulate(5, { keepsHistory: true });
  const second = await simulate(5, { keepsHistory: true });
  expect(first.history.length).toBeGreaterThan(30);
  expect(second).toEqual(first);
});
