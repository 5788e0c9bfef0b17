import { array, constant, integer, oneof, option, record, type Arbitrary } from "fast-check";
import type { RateLimits } from "../../resilience/rate-limiter/limits.ts";
import type { Refusal } from "../../resilience/rate-limiter/rate-limiter.ts";
import type { LimiterUnderTest } from "./limiter-under-test.ts";

/** One call of a scenario. Times are in milliseconds; `at` counts from the scenario's beginning. */
export interface PlannedCall {
  readonly at: number;
  readonly tokens: number;
  readonly priority: number;
  /** Time from its grant to its settlement. */
  readonly durationMs: number;
  /** Tokens that it settles with; the estimate if undefined. */
  readonly tokensTaken: number | undefined;
  /** Whether the server has answered it when it is settled. */
  readonly isAnswered: boolean;
  /** Time after which the caller aborts. */
  readonly patienceMs: number | undefined;
}

/** The result of a call. Steps number all events in their order. */
export interface PlayedCall extends PlannedCall {
  readonly askedStep: number;
  readonly outcome: "granted" | "aborted" | "failed";
  /** When it was granted, aborted or failed. */
  readonly endedStep: number;
  readonly grantedAt: number;
  readonly waitedMs: number;
  /** When it expected to be granted, by the last call of `onWait`. */
  readonly expectedAt: number | undefined;
  settledStep: number;
}

export interface Interruption {
  readonly at: number;
  readonly refusal?: Omit<Refusal, "until"> & { readonly forMs: number };
  readonly limits?: RateLimits;
}

export interface PlayedInterruption extends Interruption {
  readonly step: number;
}

const monthMs = 30 * 86_400_000;

/** Arbitrary calls within six seconds. */
export function plannedCalls(
  only: { readonly [Name in keyof PlannedCall]?: Arbitrary<PlannedCall[Name]> } = {},
): Arbitrary<PlannedCall[]> {
  return array(
    record({
      at: oneof(constant(0), integer({ min: 0, max: 6000 })),
      tokens: integer({ min: 0, max: 220 }),
      priority: integer({ min: -1, max: 2 }),
      durationMs: integer({ min: 0, max: 2500 }),
      tokensTaken: option(integer({ min: 0, max: 260 }), { nil: undefined }),
      isAnswered: constant(false),
      patienceMs: option(integer({ min: 0, max: 3000 }), { nil: undefined }),
      ...only,
    }),
    { minLength: 1, maxLength: 40 },
  );
}

export const someLimits: Arbitrary<RateLimits> = record({
  requestsPerMinute: option(integer({ min: 1, max: 6 }), { nil: undefined }),
  tokensPerMinute: option(integer({ min: 50, max: 400 }), { nil: undefined }),
  requestsPerDay: option(integer({ min: 1, max: 30 }), { nil: undefined }),
  maxConcurrency: option(integer({ min: 1, max: 4 }), { nil: undefined }),
});

/** Makes the calls and the interruptions at their times, and advances the clock by a month. */
export async function play(
  { limiter, clock }: LimiterUnderTest,
  plan: readonly PlannedCall[],
  interruptions: readonly Interruption[] = [],
): Promise<{ calls: PlayedCall[]; interruptions: PlayedInterruption[] }> {
  let steps = 0;
  const step = () => (steps += 1);
  const played: PlayedInterruption[] = [];

  const interrupt = async (interruption: Interruption) => {
    await clock.sleep(interruption.at);
    played.push({ ...interruption, step: step() });
    const { refusal, limits } = interruption;
    if (refusal) await limiter.backOff({ ...refusal, until: clock.now() + refusal.forMs });
    if (limits) await limiter.setLimits(limits);
  };

  const make = async (planned: PlannedCall): Promise<PlayedCall> => {
    await clock.sleep(planned.at);
    const caller = new AbortController();
    const reason = new Error("no more patience");
    const done = new AbortController();
    if (planned.patienceMs !== undefined) {
      clock.sleep(planned.patienceMs, done.signal).then(
        () => caller.abort(reason),
        () => undefined,
      );
    }
    let expectedAt: number | undefined;
    const onWait = (waitMs: number) => (expectedAt = clock.now() + waitMs);
    const { tokens, priority } = planned;
    const askedStep = step();
    try {
      const slot = await limiter.acquire({ tokens, priority, signal: caller.signal, onWait });
      done.abort();
      const { grantedAt, waitedMs } = slot;
      const call: PlayedCall = {
        ...planned,
        askedStep,
        outcome: "granted",
        endedStep: step(),
        grantedAt,
        waitedMs,
        expectedAt,
        settledStep: Infinity,
      };
      await clock.sleep(planned.durationMs);
      call.settledStep = step();
      await slot.settle({ tokens: planned.tokensTaken, isAnswered: planned.isAnswered });
      return call;
    } catch (error) {
      done.abort();
      return {
        ...planned,
        askedStep,
        outcome: error === reason ? "aborted" : "failed",
        endedStep: step(),
        grantedAt: Number.NaN,
        waitedMs: Number.NaN,
        expectedAt,
        settledStep: Number.NaN,
      };
    }
  };

  const finished: PlayedCall[] = [];
  for (const interruption of interruptions) void interrupt(interruption);
  for (const planned of plan) void make(planned).then((call) => finished.push(call));
  await clock.advance(monthMs);
  return { calls: finished, interruptions: played };
}

/** The granted calls, in the order of their grants. */
export function grantedOf(calls: readonly PlayedCall[]): PlayedCall[] {
  return calls
    .filter(({ outcome }) => outcome === "granted")
    .toSorted((a, b) => a.endedStep - b.endedStep);
}
