import { describe, expect, test } from "vitest";
import {
  fullestWindow,
  keepingMs,
  repeatsAmong,
  wasInFlight,
  type BookedCall,
} from "./booked-calls.ts";
import { repeatsVerdict } from "./verdict.ts";

const kills = [{ worker: "w1", at: 10_000 }];
const none = { kills, outages: [], kept: new Set<string>() };

/** A call with an answer, by a worker that was killed later. */
function call(fields: Partial<BookedCall> = {}): BookedCall {
  return {
    id: "gen-1",
    run: "run-1",
    request: "a",
    worker: "w1",
    status: 200,
    startedAt: 9000,
    endedAt: 9500,
    isCutOff: false,
    promptTokens: 1,
    completionTokens: 1,
    ...fields,
  };
}

describe("wasInFlight()", () => {
  test("is true if the worker was killed before it could store the answer", () => {
    expect(wasInFlight(call(), none)).toBe(true);
    expect(wasInFlight(call({ endedAt: Infinity, isCutOff: true }), none)).toBe(true);
    expect(wasInFlight(call({ endedAt: 10_000 - keepingMs }), none)).toBe(true);
    expect(wasInFlight(call({ startedAt: 10_005, endedAt: 10_006 }), none)).toBe(true);
  });

  test("is false if the worker was not killed, had time to store the answer, or stored it", () => {
    expect(wasInFlight(call({ worker: "w2" }), none)).toBe(false);
    expect(wasInFlight(call({ worker: "w2", isCutOff: true }), none)).toBe(false);
    expect(wasInFlight(call({ endedAt: 9999 - keepingMs }), none)).toBe(false);
    expect(wasInFlight(call(), { ...none, kept: new Set(["gen-1"]) })).toBe(false);
  });

  test("does not count time in which the database was not available", () => {
    const early = call({ startedAt: 2000, endedAt: 2500 });
    const lostUntil = (to: number) => ({ ...none, outages: [{ from: 2400, to }] });
    expect(wasInFlight(early, none)).toBe(false);
    expect(wasInFlight(early, lostUntil(10_000 - keepingMs))).toBe(true);
    expect(wasInFlight(early, lostUntil(9999 - keepingMs))).toBe(false);
  });
});

describe("repeats", () => {
  const again = call({ id: "gen-2", worker: "w2", startedAt: 12_000, endedAt: 12_500 });

  test("are equal requests of one run, without those that were refused", () => {
    const others = [call({ run: "run-2" }), call({ request: "b" }), call({ status: 429 })];
    expect(repeatsAmong([again, ...others, call()])).toEqual([[call(), again]]);
  });

  test("are allowed once for each kill, and not if the answer was stored", () => {
    const keptAt = new Map([["gen-2", 12_600]]);
    const kept = new Set(keptAt.keys());
    const verdict = repeatsVerdict([call(), again], keptAt, { ...none, kept });
    expect(verdict).toEqual({ repeated: 1, unexcused: [], needless: [], latestLossMs: 500 });

    const third = call({ id: "gen-3", worker: "w3", startedAt: 13_000, endedAt: 13_500 });
    const twice = repeatsVerdict([call(), again, third], keptAt, { ...none, kept });
    expect(twice).toMatchObject({
      repeated: 2,
      unexcused: [expect.stringMatching(/gen-3|w3/)],
      needless: [expect.stringMatching(/w3/)],
    });

    const early = new Map([["gen-1", 9600]]);
    const needless = repeatsVerdict([call(), again], early, {
      ...none,
      kept: new Set(early.keys()),
    });
    expect(needless).toMatchObject({
      repeated: 1,
      unexcused: [expect.stringMatching(/w2/)],
      needless: [expect.stringMatching(/w2/)],
    });
  });
});

describe("fullestWindow()", () => {
  test("counts the most instants within one window", () => {
    expect(fullestWindow([], 100)).toBe(0);
    expect(fullestWindow([0, 10, 20, 100], 100)).toBe(3);
    expect(fullestWindow([0, 10, 20, 99], 100)).toBe(4);
    expect(fullestWindow([500, 0, 510, 10, 520, 530, 2000], 100)).toBe(4);
  });
});
