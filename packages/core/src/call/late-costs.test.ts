import { describe, expect, test } from "vitest";
import { attemptRecord } from "../usage/__fixtures__/call-record.ts";
import { addUsage, noUsage } from "../usage/usage.ts";
import { correctionOf, countUnknown, unknownParts } from "./late-costs.ts";

const tokens = { ...noUsage, promptTokens: 10, completionTokens: 4 };
const priced = { ...tokens, costUsd: 0.5 };
const silent = attemptRecord({ ...noUsage, ...unknownParts(undefined) });
const unpriced = attemptRecord({ ...tokens, ...unknownParts(tokens) });
const inRecord = { model: "m", isInRecord: true };
const afterwards = { model: "m", isInRecord: false };
const counts = (unknownUsageAttempts: number, unknownCostAttempts: number) => ({
  unknownUsageAttempts,
  unknownCostAttempts,
});
const late = (usage = priced, costSource?: "server" | "catalog") => ({
  lateUsage: Promise.resolve({ usage, costSource }),
});

describe("an attempt that its call's record has as unknown", () => {
  test("is corrected, and no longer unknown", async () => {
    expect(await correctionOf(silent, late(priced, "server"), inRecord)).toMatchObject({
      usage: priced,
      missing: { ...priced, ...counts(-1, -1) },
    });
    const ofPrice = { usage: tokens, ...late(priced, "catalog") };
    expect(await correctionOf(unpriced, ofPrice, inRecord)).toMatchObject({
      usage: priced,
      missing: { ...noUsage, costUsd: 0.5, ...counts(0, -1) },
    });
  });

  test("keeps the count of its cost where the tokens alone become known", async () => {
    expect(await correctionOf(silent, late(tokens), inRecord)).toMatchObject({
      missing: { ...tokens, ...counts(-1, 0) },
    });
  });

  test("is no longer unknown where it turns out to have cost nothing", async () => {
    expect(await correctionOf(silent, late(noUsage, "server"), inRecord)).toMatchObject({
      missing: { ...noUsage, ...counts(-1, -1) },
    });
  });

  test("stays so where nothing becomes known", async () => {
    const lateUsage = Promise.resolve(undefined);
    expect(await correctionOf(silent, { lateUsage }, inRecord)).toBeUndefined();
    expect(await correctionOf(unpriced, { usage: tokens, lateUsage }, inRecord)).toBeUndefined();
  });
});

describe("an attempt that ended after its call", () => {
  test("is missing as a whole, and counted where it is unknown", async () => {
    const missingOf = async (...args: Parameters<typeof correctionOf>) =>
      (await correctionOf(...args))?.missing;
    expect(await missingOf(silent, {}, afterwards)).toEqual({ ...noUsage, ...counts(1, 1) });
    expect(await missingOf(unpriced, { usage: tokens }, afterwards)).toEqual({
      ...addUsage(tokens, noUsage),
      ...counts(0, 1),
    });
    expect(await missingOf(silent, late(tokens), afterwards)).toEqual({
      ...tokens,
      ...counts(0, 1),
    });
    expect(await missingOf(silent, late(priced, "server"), afterwards)).toEqual({
      ...priced,
      ...counts(0, 0),
    });
    const known = attemptRecord(priced);
    expect(await missingOf(known, { usage: priced }, afterwards)).toMatchObject(priced);
  });

  test("has no event if it was never billed", async () => {
    expect(await correctionOf(attemptRecord(noUsage), {}, afterwards)).toBeUndefined();
  });
});

test("counts that are 0 are left out of a call's record", () => {
  expect(countUnknown([attemptRecord()])).toEqual({});
  expect(countUnknown([silent, unpriced, attemptRecord()])).toEqual(counts(1, 2));
  expect(countUnknown([unpriced])).toEqual({ unknownCostAttempts: 1 });
});
