import { expect, test } from "vitest";
import { names } from "./client.ts";
import { overheadFigures, ratiosOf, type OverheadFigure } from "./figures.ts";

test("takes each ratio from its own measurement and its own two clients", () => {
  const clients = Object.values(names);
  // Prime numbers, so that no two pairs of clients have the same ratio.
  const primes = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29];
  const times = (factor: number) =>
    new Map(clients.map((name, index) => [name, [factor * (primes[index] ?? Number.NaN)]]));
  const sequential = times(1);
  const stream = new Map([...times(1)].map(([name, [ms = 0]]) => [name, [ms ** 2]]));
  const concurrent = new Map([...times(1)].map(([name, [ms = 0]]) => [name, [ms ** 3]]));

  const ratios = ratiosOf({ sequential, stream, concurrent });

  expect(ratios.completionsVsOpenAI).toBeCloseTo(13 / 3);
  expect(ratios.completionsStreamVsOpenAI).toBeCloseTo((13 / 3) ** 2);
  expect(ratios.concurrentRoleModelVsChatOpenAI).toBeCloseTo((17 / 5) ** 3);
  expect(ratios.agentVsLcel).toBeCloseTo(29 / 7);
});

test("no two ratios compare the same figures", () => {
  const figures: readonly OverheadFigure[] = Object.values(overheadFigures);
  const keys = figures.map(({ contest, ours, theirs }) => `${contest} ${ours} ${theirs}`);
  expect(new Set(keys).size).toBe(keys.length);
});
