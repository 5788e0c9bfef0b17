import { getEventListeners } from "node:events";
import { assert, asyncProperty, constantFrom, nat, option, record } from "fast-check";
import { describe, expect, test } from "vitest";
import { FakeClock } from "../../clock/fake-clock.ts";
import { classify } from "../../errors/classify.ts";
import { hedge, type HedgeOptions } from "./index.ts";

/** Two requests that the test ends. */
function create(options: Partial<HedgeOptions> = {}) {
  const clock = new FakeClock(0);
  const caller = new AbortController();
  const started: { at: number; signal: AbortSignal }[] = [];
  const ends = [Promise.withResolvers<string>(), Promise.withResolvers<string>()] as const;
  const work = hedge(
    (index, signal) => {
      started.push({ at: clock.now(), signal });
      return ends[index].promise;
    },
    { afterMs: 1000, clock, signal: caller.signal, ...options },
  );
  const state: { value?: unknown; error?: unknown } = {};
  const outcome = work.then(
    (value) => (state.value = value),
    (error: unknown) => (state.error = error),
  );
  return { clock, caller, started, first: ends[0], second: ends[1], state, outcome };
}

const lost = (signal: AbortSignal | undefined) => signal?.aborted && classify(signal.reason);

describe("the first request", () => {
  test("is alone if it succeeds in time", async () => {
    const { clock, started, first, outcome } = create();
    await clock.advance(999);
    first.resolve("first");
    expect(await outcome).toBe("first");
    expect(clock.sleeping).toBe(0);
    await clock.advance(60_000);
    expect(started.map(({ at }) => at)).toEqual([0]);
    expect(started[0]?.signal.aborted).toBe(false);
  });

  test("throws its failure at once, and is not hedged", async () => {
    const { clock, started, first, state } = create();
    const error = new Error("503");
    await clock.advance(999);
    first.reject(error);
    await clock.advance(0);
    expect(state.error).toBe(error);
    await clock.advance(60_000);
    expect([started.length, clock.sleeping]).toEqual([1, 0]);
  });

  test("can throw before it returns a promise", async () => {
    const work = hedge(
      () => {
        throw new Error("at once");
      },
      { afterMs: 1000, clock: new FakeClock() },
    );
    await expect(work).rejects.toThrow("at once");
  });

  test("is alone forever where no time is set", async () => {
    const { clock, started, first, outcome } = create({ afterMs: undefined });
    await clock.advance(1e9);
    expect([started.length, clock.sleeping]).toEqual([1, 0]);
    first.resolve("first");
    expect(await outcome).toBe("first");
  });
});

describe("a second request", () => {
  async function hedged(options: Partial<HedgeOptions> = {}) {
    const made = create(options);
    await made.clock.advance(1000);
    return made;
  }

  test("starts at its time and not a millisecond before", async () => {
    const hedges: string[] = [];
    const { clock, started } = create({ onHedge: () => hedges.push("hedge") });
    await clock.advance(999);
    expect([started.length, hedges]).toEqual([1, []]);
    await clock.advance(1);
    expect(started.map(({ at }) => at)).toEqual([0, 1000]);
    expect(hedges).toEqual(["hedge"]);
    await clock.advance(60_000);
    expect(started).toHaveLength(2);
  });

  test("that wins aborts the first, with a reason for that", async () => {
    const { started, second, outcome } = await hedged();
    second.resolve("second");
    expect(await outcome).toBe("second");
    expect(lost(started[0]?.signal)).toBe("aborted");
    expect(started[1]?.signal.aborted).toBe(false);
  });

  test("is aborted if the first wins after all", async () => {
    const { started, first, outcome } = await hedged();
    first.resolve("first");
    expect(await outcome).toBe("first");
    expect(lost(started[1]?.signal)).toBe("aborted");
    expect(started[0]?.signal.aborted).toBe(false);
  });

  test("is notified that it lost before the winner's answer is passed on", async () => {
    const { started, first, outcome } = await hedged();
    const order: string[] = [];
    started[1]?.signal.addEventListener("abort", () => order.push("booked the loser"));
    const end = outcome.then(() => order.push("answered"));
    first.resolve("first");
    await end;
    expect(order).toEqual(["booked the loser", "answered"]);
  });

  test("does not fail the call if the aborted request fails afterwards", async () => {
    const { clock, first, second, state } = await hedged();
    first.resolve("first");
    await clock.advance(0);
    second.reject(new Error("aborted"));
    await clock.advance(0);
    expect(state).toEqual({ value: "first" });
  });

  test.each([0, 1] as const)(
    "or the first may fail while the other is in progress: %i",
    async (failing) => {
      const { clock, first, second, state, outcome } = await hedged();
      const [failed, other] = failing === 0 ? [first, second] : [second, first];
      failed.reject(new Error("503"));
      await clock.advance(60_000);
      expect(state).toEqual({});
      other.resolve("answer");
      expect(await outcome).toBe("answer");
    },
  );

  test.each([0, 1] as const)(
    "fails with the first: its error is thrown, %i failing first",
    async (failing) => {
      const { clock, first, second, outcome } = await hedged();
      const errors = [new Error("of the first"), new Error("of the second")];
      const rejects = [() => first.reject(errors[0]), () => second.reject(errors[1])];
      rejects[failing]?.();
      await clock.advance(0);
      rejects[1 - failing]?.();
      expect(await outcome).toBe(errors[0]);
    },
  );
});

describe("the caller's abort", () => {
  const reason = new Error("the user left");

  test("before the call makes no request", async () => {
    const { started, outcome } = create({ signal: AbortSignal.abort(reason) });
    expect(await outcome).toBe(reason);
    expect(started).toEqual([]);
  });

  test.each([500, 1500])("after %i ms ends all requests at once with its reason", async (at) => {
    const { clock, caller, started, outcome } = create();
    await clock.advance(at);
    caller.abort(reason);
    // The clock stands and the requests do not listen: what settles now waited for neither.
    expect(await outcome).toBe(reason);
    expect(started.map(({ signal }) => signal.reason)).toEqual(
      at < 1000 ? [reason] : [reason, reason],
    );
    await clock.advance(60_000);
    expect([started.length, clock.sleeping]).toEqual([at < 1000 ? 1 : 2, 0]);
  });

  test("aborts the winner until it has ended, because its body may not have arrived yet", async () => {
    const ends: (() => void)[] = [];
    const endOf = () => (done: () => void) => void ends.push(done);
    const races = [create({ endOf }), create({ endOf })] as const;
    for (const { first, outcome } of races) {
      first.resolve("first");
      await outcome;
    }
    ends[1]?.();
    for (const { caller } of races) caller.abort(reason);
    expect(races.map(({ started }) => started[0]?.signal.reason)).toEqual([reason, undefined]);
  });

  test("leaves no listener of ours on its signal", async () => {
    const { clock, caller, first, outcome } = create();
    await clock.advance(1000);
    expect(getEventListeners(caller.signal, "abort")).toHaveLength(1);
    first.resolve("first");
    await outcome;
    expect(getEventListeners(caller.signal, "abort")).toHaveLength(0);
  });
});

test("in any order of events, at most two requests are made, and all but the winner are aborted", async () => {
  const request = record({
    takesMs: nat({ max: 20 }),
    ends: constantFrom("succeeds", "fails", "never"),
  });
  const aborts = option(nat({ max: 40 }), { nil: undefined });
  await assert(
    asyncProperty(request, request, nat({ max: 20 }), aborts, async (...drawn) => {
      const [first, second, afterMs, abortsAt] = drawn;
      const clock = new FakeClock(0);
      const caller = new AbortController();
      const signals: AbortSignal[] = [];
      const work = hedge(
        async (index, signal) => {
          signals.push(signal);
          const { takesMs, ends } = [first, second][index] ?? first;
          await clock.sleep(ends === "never" ? 1e6 : takesMs, signal);
          if (ends === "fails") throw new Error(`${index} failed`);
          return index;
        },
        { afterMs, clock, signal: caller.signal, endOf: () => () => {} },
      );
      const winner = work.catch((error: unknown) => (error as Error).message);
      if (abortsAt !== undefined) {
        void clock.sleep(abortsAt).then(() => caller.abort(new Error("left")));
      }
      await clock.advance(1e7);
      const outcome = await winner;
      const running = signals.filter(({ aborted }) => !aborted);

      expect(signals.length).toBeLessThanOrEqual(2);
      expect(running).toEqual(
        typeof outcome === "number" && !caller.signal.aborted ? [signals[outcome]] : [],
      );
      expect(outcome === "left" ? caller.signal.aborted : true).toBe(true);
      expect(clock.sleeping).toBe(0);
    }),
    { numRuns: 300 },
  );
});
