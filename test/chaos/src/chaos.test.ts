import { beforeAll, describe, expect, test } from "vitest";
import { kindsOfFault } from "./faults.ts";
import { runChaos, type ChaosResult } from "./run.ts";

/** `pnpm chaos` runs thousands. */
const pipelines = 40;
let result: ChaosResult;

beforeAll(async () => {
  result = await runChaos({ seed: 7, pipelines, concurrency: 8 });
});

describe(`${pipelines} pipelines on servers that fail one call in five`, () => {
  test("meet many kinds of fault", () => {
    const { requests, booked, refused, unsent } = result.account;
    expect(Object.keys(result.byFault).length).toBeGreaterThan(kindsOfFault / 4);
    expect(requests).toBe(booked + refused + unsent);
  });
  test("end in a right answer, a typed error or their caller's abort", () => {
    const { right, partial, aborted, "typed-error": typed } = result.outcomes;
    expect(result.bad).toEqual([]);
    expect(right + typed + partial + aborted).toBe(pipelines);
    // Where the machine is busy, more calls end by their timeouts.
    expect(right).toBeGreaterThan(pipelines / 5);
  });
  test("leave a ledger that equals the servers' books", () => {
    expect(result.account.mismatches).toEqual([]);
    expect(result.account.equal).toBeGreaterThan(pipelines);
  });
  test("leave no socket, timer, listener, rejection or memory behind", () => {
    expect(result.leaks).toEqual([]);
  });
});
