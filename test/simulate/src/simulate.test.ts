import { describe, expect, test } from "vitest";
import { checks } from "./checks/index.ts";
import { sabotages } from "./sabotage.ts";
import { simulate } from "./simulate.ts";
import { count, newTotals } from "./totals.ts";

const seeds = Array.from({ length: 100 }, (_, index) => index + 1);
/** `pnpm simulate` tries hundreds. */
const quick = seeds.slice(0, 20);

test(`${quick.length} seeds violate no check, and meet every kind of end`, async () => {
  const totals = newTotals();
  for (const seed of quick) count(totals, await simulate(seed));
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

test("a seed has one history", async () => {
  const first = await simulate(5, { keepsHistory: true });
  const second = await simulate(5, { keepsHistory: true });
  expect(first.history.length).toBeGreaterThan(30);
  expect(second).toEqual(first);
});

describe("each check can fail", () => {
  test.each(sabotages)("$check finds $name", async ({ check, options }) => {
    const found = new Set<string>();
    for (const seed of seeds) {
      const { violations } = await simulate(seed, options);
      for (const violation of violations) found.add(violation.check);
      if (found.has(check)) break;
    }
    expect(found).toContain(check);
  });

  test("and none is without a fault that it finds", () => {
    expect(new Set(sabotages.map(({ check }) => check))).toEqual(new Set(Object.keys(checks)));
  });
});
