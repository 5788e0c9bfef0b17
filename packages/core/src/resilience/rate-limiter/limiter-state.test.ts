import { array, assert, constantFrom, integer, oneof, option, property, record } from "fast-check";
import { describe, expect, test } from "vitest";
import { LimiterState } from "./limiter-state.ts";
import type { RateLimits } from "./limits.ts";

const midnight = Date.UTC(2026, 4, 6);
const dayMs = 86_400_000;
const options = { windowMs: 1000, safetyMarginMs: 100 };
const spanMs = 1100;

/** The state after a round trip through JSON, which has neither infinity nor undefined. */
function read(state: LimiterState, now: number): LimiterState {
  const text = JSON.stringify(state);
  return LimiterState.fromJSON(JSON.parse(text) as object, options, now);
}

function granted(limits: RateLimits, grants: readonly { at: number; tokens?: number }[]) {
  const state = new LimiterState({ ...options, limits });
  for (const { at, tokens = 0 } of grants) state.take(tokens, at);
  return state;
}

const limit = option(integer({ min: 1, max: 8 }), { nil: undefined });
const anyLimits = record({
  requestsPerMinute: limit,
  tokensPerMinute: limit,
  requestsPerDay: limit,
  maxConcurrency: limit,
});
const step = record({
  afterMs: oneof(integer({ min: 0, max: 700 }), constantFrom(0, dayMs)),
  do: oneof(
    record({ what: constantFrom("take" as const), tokens: integer({ min: 0, max: 9 }) }),
    record({ what: constantFrom("limit" as const), limits: anyLimits }),
    record({ what: constantFrom("count" as const), used: integer({ min: 0, max: 9 }) }),
    record({
      what: constantFrom("refuse" as const),
      scope: constantFrom("minute" as const, "day" as const, "concurrency" as const),
      forMs: integer({ min: 0, max: 3000 }),
    }),
  ),
});

describe("a limiter's state", () => {
  test("gives the same answers after a round trip through JSON", () => {
    assert(
      property(array(step, { maxLength: 30 }), (steps) => {
        const kept = new LimiterState(options);
        let written = new LimiterState(options);
        let now = midnight - 1000;
        for (const { afterMs, do: action } of steps) {
          now += afterMs;
          for (const state of [kept, written]) {
            if (action.what === "take") state.take(action.tokens, now);
            if (action.what === "limit") state.setLimits(action.limits);
            if (action.what === "count") state.countDay(action.used, now);
            if (action.what === "refuse") {
              state.refuse({ scope: action.scope, until: now + action.forMs }, now);
            }
          }
          written = read(written, now);
          const load = { calls: 2, tokens: 5 };
          expect(written.describe(load, now)).toEqual(kept.describe(load, now));
          expect(written.fitsAt(load, now)).toBe(kept.fitsAt(load, now));
          expect(written.hasRoomAt(1, now)).toBe(kept.hasRoomAt(1, now));
          expect(written.inFlight).toBe(kept.inFlight);
        }
      }),
    );
  });

  test("stays small as JSON, and frees no place sooner for it", () => {
    const limits = { requestsPerMinute: 5000, tokensPerMinute: 100_000 };
    const grants = Array.from({ length: 5000 }, (_, index) => ({ at: index * 0.2, tokens: 7 }));
    const state = granted(limits, grants);
    let again = state;
    // Merging what was merged before moves nothing further.
    for (let times = 0; times < 5; times += 1) again = read(again, 1000);
    expect(JSON.stringify(again).length).toBeLessThan(10_000);
    for (const calls of [1, 17, 2500, 4999, 5000]) {
      const [exactly, merged] = [state, again].map((each) =>
        each.fitsAt({ calls, tokens: 0 }, 1000),
      );
      expect(merged).toBeGreaterThanOrEqual(exactly ?? Infinity);
      expect(merged).toBeLessThanOrEqual((exactly ?? 0) + spanMs / 100);
    }
    expect(again.describe({ calls: 0, tokens: 0 }, 1000).tokens.remaining).toBe(65_000);
  });

  test("keeps sixty instants as they are", () => {
    const grants = Array.from({ length: 60 }, (_, index) => ({ at: index * 3.25 }));
    const state = read(granted({ requestsPerMinute: 60 }, grants), 200);
    expect(state.fitsAt({ calls: 1, tokens: 0 }, 200)).toBe(spanMs);
    expect(state.fitsAt({ calls: 60, tokens: 0 }, 200)).toBe(59 * 3.25 + spanMs);
  });

  test("ends a request by its instant", () => {
    const grants = [
      { at: 0, tokens: 40 },
      { at: 0, tokens: 10 },
      { at: 5, tokens: 50 },
    ];
    const state = read(granted({ tokensPerMinute: 100 }, grants), 10);
    const end = (now: number) =>
      state.settleAt(
        { until: 0, tokens: 40 },
        { endedAt: now, tokens: 10, isAnswered: false },
        now,
      );
    end(10);
    expect(state.fitsAt({ calls: 1, tokens: 30 }, 10)).toBe(10);
    expect(state.fitsAt({ calls: 1, tokens: 31 }, 10)).toBe(spanMs);
    expect(state.fitsAt({ calls: 1, tokens: 51 }, 10)).toBe(spanMs + 5);
    end(5 + spanMs);
    expect(state.describe({ calls: 0, tokens: 0 }, 5 + spanMs).tokens.remaining).toBe(100);
  });

  test("counts a request that was answered before it might have gone from its answer", () => {
    const state = new LimiterState({ ...options, limits: { requestsPerMinute: 1 } });
    state.take(0, 0, 50);
    const end = (endedAt: number, isAnswered: boolean) => {
      const written = read(state, 60);
      written.settleAt({ until: 50, tokens: 0 }, { endedAt, tokens: 0, isAnswered }, 60);
      return written.fitsAt({ calls: 1, tokens: 0 }, 60);
    };
    expect(end(20, false)).toBe(50 + spanMs);
    expect(end(20, true)).toBe(20 + options.windowMs + 1);
    expect(end(400, true)).toBe(50 + spanMs);
  });

  test("gives a place back that was not used, and its tokens", () => {
    const limits = { requestsPerMinute: 3, tokensPerMinute: 100, requestsPerDay: 10 };
    const grants = [
      { at: midnight, tokens: 40 },
      { at: midnight, tokens: 10 },
      { at: midnight + 5, tokens: 50 },
    ];
    const state = read(granted(limits, grants), midnight + 10);
    const at = (instant: number, tokens: number) => ({ takenAt: instant, until: instant, tokens });
    state.giveBack(at(midnight, 10), midnight + 10);
    const left = () => {
      const { remaining, tokens, day } = state.describe({ calls: 0, tokens: 0 }, midnight + 10);
      return [remaining, tokens.remaining, day.used];
    };
    expect(left()).toEqual([1, 10, 2]);
    state.giveBack(at(midnight + 5, 50), midnight + 10);
    expect(left()).toEqual([2, 60, 1]);
    state.giveBack(at(midnight + 9, 1), midnight + 10);
    expect(left()).toEqual([2, 60, 0]);
  });

  test("gives back nothing of the window that has passed the grant", () => {
    const state = granted({ requestsPerMinute: 3 }, [{ at: midnight }, { at: midnight + spanMs }]);
    const now = midnight + spanMs + 1;
    state.giveBack({ takenAt: midnight, until: midnight, tokens: 0 }, now);
    expect(state.describe({ calls: 0, tokens: 0 }, now).remaining).toBe(2);
  });

  test("gives back no more of a day than was counted here", () => {
    const state = granted({ requestsPerDay: 10 }, [{ at: midnight }, { at: midnight }]);
    state.countDay(9, midnight);
    state.take(0, midnight);
    const used = () => state.describe({ calls: 0, tokens: 0 }, midnight).day.used;
    expect(used()).toBe(10);
    for (const left of [9, 9]) {
      state.giveBack({ takenAt: midnight, until: midnight, tokens: 0 }, midnight);
      expect(used()).toBe(left);
    }
  });

  test("takes a grant of around midnight out of both days, before and after it", () => {
    for (const now of [midnight - 50, midnight + 50]) {
      const state = granted({ requestsPerDay: 10 }, [{ at: midnight - 50 }, { at: midnight - 50 }]);
      const usedAt = (instant: number) => state.describe({ calls: 0, tokens: 0 }, instant).day.used;
      expect(usedAt(now)).toBe(2);
      state.giveBack({ takenAt: midnight - 50, until: midnight - 50, tokens: 0 }, now);
      expect(usedAt(now)).toBe(1);
      expect(usedAt(midnight + 50)).toBe(1);
      expect(usedAt(midnight + dayMs)).toBe(0);
    }
  });

  test("counts a request that may go later from now on, and for a window after the last instant", () => {
    const state = new LimiterState({ ...options, limits: { requestsPerMinute: 2 } });
    state.take(0, 0, 200);
    state.take(0, 100);
    const next = (calls: number) => state.fitsAt({ calls, tokens: 0 }, 100);
    expect([next(1), next(2)]).toEqual([100 + spanMs, 200 + spanMs]);
    expect(read(state, 100).fitsAt({ calls: 2, tokens: 0 }, 100)).toBe(200 + spanMs);
  });

  test("counts a request that may go before midnight or after it in both days", () => {
    const state = new LimiterState({ ...options, limits: { requestsPerDay: 5 } });
    state.take(0, midnight - 300, midnight - 100);
    state.take(0, midnight - 300, midnight - 101);
    const used = (at: number) => state.describe({ calls: 0, tokens: 0 }, at).day.used;
    expect([used(midnight - 300), used(midnight)]).toEqual([2, 1]);
  });

  test("is not held up for long by grants of a clock that was set back", () => {
    const state = read(granted({ requestsPerMinute: 1 }, [{ at: midnight + dayMs }]), midnight);
    expect(state.fitsAt({ calls: 1, tokens: 0 }, midnight)).toBe(midnight + 2 * spanMs);
  });
});
