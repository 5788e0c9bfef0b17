import { beforeAll, describe, expect, test } from "vitest";
import { kindsOfFault } from "./faults.ts";
import { runChaos, type ChaosResult } from "./run.ts";

/** `pnpm chaos` runs 5000. */
const pipelines = 40;
let result: ChaosResult;

beforeAll(async () => {
  result = await runChaos({ seed: 7, pipelines, concurrency: 8 });
});

describe(`${pipelines} pipelines on servers that fail one request in five`, () => {
  test("get many kinds of fault", () => {
    const { requests, booked, refused, unsent } = result.account;
    expect(Object.keys(result.byFault).length).toBeGreaterThan(kindsOfFault / 4);
    expect(requests).toBe(booked + refused + unsent);
  });
  test("end with a right answer, a typed error, a partial answer that is marked, or an abort", () => {
    const { right, partial, aborted, "typed-error": typed } = result.outcomes;
    expect(result.bad).toEqual([]);
    expect(right + typed + partial + aborted).toBe(pipelines);
    // On a busy machine, more calls end by timeouts.
    expect(right).toBeGreaterThan(pipelines / 5);
  });
  test("have a ledger that equals the servers' records", () => {
    expect(result.account.mismatches).toEqual([]);
    expect(result.account.equal).toBeGreaterThan(pipelines);
  });
  test("leak no sockets, timers, listeners or memory, and cause no unhandled rejection", () => {
    expect(result.leaks).toEqual([]);
  });
});
