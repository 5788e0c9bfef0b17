import {
  array,
  assert,
  asyncProperty,
  boolean,
  constantFrom,
  context,
  double,
  integer,
  record,
} from "fast-check";
import { describe, expect, test } from "vitest";
import type { LimiterUnderTest, MakeLimiter } from "./limiter-under-test.ts";
import {
  grantedOf,
  plannedCalls,
  play,
  someLimits,
  type PlayedCall,
  type PlayedInterruption,
} from "./scenario.ts";
import { fixedWindow, slidingWindow, tokenBucket, type Server } from "./servers.ts";

const windowMs = 1000;
const dayMs = 86_400_000;
const midnight = Date.UTC(2026, 4, 5);

/** Minimum time from a grant to the arrival of the request, in milliseconds. */
const minLatencyMs = 30;
const margins = integer({ min: 0, max: 200 });
/** Scenarios begin up to seven seconds before midnight, so that the day changes within some. */
const starts = double({ min: midnight - 7000, max: midnight + 1000, noNaN: true });
const jitters = array(integer({ min: 0, max: 1_000_000 }), { minLength: 40, maxLength: 40 });

/** Property tests of a limiter. */
export function rateLimiterProperties(makeLimiter: MakeLimiter, numRuns: number): void {
  const parameters = { numRuns };

  describe("whatever the calls", () => {
    test("no window has more than the limits allow, wherever it begins, and no call is lost", async () => {
      const scenario = record({
        limits: someLimits,
        safetyMarginMs: margins,
        startAt: starts,
        onDayExceeded: constantFrom("fail" as const, "delay" as const),
        calls: plannedCalls(),
      });
      await assert(
        asyncProperty(scenario, async ({ calls: plan, ...options }) => {
          await using made = await makeLimiter({ ...options, windowMs });
          const { calls } = await play(made, plan);
          const spanMs = windowMs + options.safetyMarginMs;
          const granted = grantedOf(calls);
          const {
            requestsPerMinute = Infinity,
            tokensPerMinute = Infinity,
            requestsPerDay = Infinity,
            maxConcurrency = Infinity,
          } = options.limits;

          expect(calls).toHaveLength(plan.length);
          expect(await leftIn(made)).toEqual({ inFlight: 0, waiting: 0 });
          for (const { grantedAt: startAt } of granted) {
            const within = granted.filter((other) => isWithin(other, startAt, spanMs));
            expect(within.length).toBeLessThanOrEqual(requestsPerMinute);
          }
          for (const call of granted) {
            expect(tokensAt(call, granted, spanMs)).toBeLessThanOrEqual(tokensPerMinute);
            expect(inFlightAt(call, granted)).toBeLessThanOrEqual(maxConcurrency);
          }
          for (const lateMs of [0, options.safetyMarginMs]) {
            const days = Object.values(
              Object.groupBy(granted, ({ grantedAt }) => Math.floor((grantedAt + lateMs) / dayMs)),
            );
            for (const day of days) expect(day?.length).toBeLessThanOrEqual(requestsPerDay);
          }
          for (const call of calls.filter(({ outcome }) => outcome === "failed")) {
            const mayFail =
              call.tokens > tokensPerMinute ||
              (options.onDayExceeded === "fail" && requestsPerDay !== Infinity);
            expect(mayFail).toBe(true);
          }
          for (const call of calls) {
            const isTooLarge = call.tokens > tokensPerMinute;
            const mayAbort = call.patienceMs !== undefined && !isTooLarge;
            expect(isTooLarge && call.outcome !== "failed").toBe(false);
            expect(call.outcome === "aborted" && !mayAbort).toBe(false);
          }
        }),
        parameters,
      );
    });

    test("each goes after all earlier calls of its priority, and after all of a higher one", async () => {
      const scenario = record({ limits: someLimits, startAt: starts, calls: plannedCalls() });
      await assert(
        asyncProperty(scenario, context(), async ({ calls: plan, ...options }, notes) => {
          await using made = await makeLimiter({ ...options, windowMs });
          const { calls } = await play(made, plan);
          for (const call of grantedOf(calls)) {
            const overtaken = calls.filter((other) => isOvertaken(other, call));
            notes.log(JSON.stringify({ call, overtaken }));
            expect(overtaken).toEqual([]);
          }
        }),
        parameters,
      );
    });

    test("a server that counts arrivals refuses none, however it counts", async () => {
      const scenario = record({
        limit: integer({ min: 1, max: 6 }),
        safetyMarginMs: margins,
        phaseMs: integer({ min: 0, max: windowMs }),
        calls: plannedCalls({
          isAnswered: boolean(),
          durationMs: integer({ min: minLatencyMs, max: 2500 }),
        }),
        jitters,
      });
      await assert(
        asyncProperty(
          scenario,
          async ({ limit, safetyMarginMs, phaseMs, calls: plan, jitters }) => {
            const limits = { requestsPerMinute: limit };
            await using made = await makeLimiter({ limits, safetyMarginMs, windowMs, startAt: 0 });
            const { calls } = await play(made, plan);
            const arrivals = grantedOf(calls)
              .map(({ grantedAt, durationMs, isAnswered }, index) => {
                const latencyMs = minLatencyMs + ((jitters[index] ?? 0) % (safetyMarginMs + 1));
                return grantedAt + (isAnswered ? Math.min(latencyMs, durationMs) : latencyMs);
              })
              .toSorted((a, b) => a - b);
            const servers: Record<string, Server> = {
              fixedWindow: fixedWindow(limit, windowMs, phaseMs),
              slidingWindow: slidingWindow(limit, windowMs),
              tokenBucket: tokenBucket(limit, windowMs),
            };
            for (const [name, server] of Object.entries(servers)) {
              const refused = arrivals.filter((arrivedAt) => !server(arrivedAt));
              expect({ name, refused }).toEqual({ name, refused: [] });
            }
          },
        ),
        parameters,
      );
    });

    test("a call waits exactly as long as it was notified last, if no call aborts or overtakes it", async () => {
      const scenario = record({
        limit: integer({ min: 1, max: 6 }),
        safetyMarginMs: margins,
        calls: plannedCalls({ priority: integer({ min: 0, max: 0 }) }),
        refusals: array(
          record({
            at: integer({ min: 0, max: 9000 }),
            refusal: record({
              scope: constantFrom("minute" as const, "day" as const),
              forMs: integer({ min: 0, max: 5000 }),
            }),
          }),
          { maxLength: 3 },
        ),
      });
      await assert(
        asyncProperty(scenario, async ({ limit, safetyMarginMs, calls: plan, refusals }) => {
          await using made = await makeLimiter({
            limits: { requestsPerMinute: limit },
            windowMs,
            safetyMarginMs,
            startAt: midnight,
            onDayExceeded: "delay",
          });
          const patient = plan.map((planned) => ({ ...planned, patienceMs: undefined }));
          const { calls } = await play(made, patient, refusals);
          expect(grantedOf(calls)).toHaveLength(plan.length);
          for (const { expectedAt, grantedAt, waitedMs } of calls) {
            const askedAt = grantedAt - waitedMs;
            expect(grantedAt).toBe(expectedAt ?? askedAt);
          }
        }),
        parameters,
      );
    });

    test("changed limits apply from then on, and no call is granted during a refusal", async () => {
      const interruptions = array(
        record(
          {
            at: integer({ min: 0, max: 9000 }),
            limits: someLimits,
            refusal: record({
              scope: constantFrom("minute" as const, "day" as const),
              forMs: integer({ min: 0, max: 5000 }),
            }),
          },
          { requiredKeys: ["at"] },
        ),
        { minLength: 1, maxLength: 4 },
      );
      const scenario = record({
        limits: someLimits,
        safetyMarginMs: margins,
        calls: plannedCalls(),
        interruptions,
      });
      await assert(
        asyncProperty(scenario, async ({ limits, safetyMarginMs, calls: plan, interruptions }) => {
          const options = { limits, safetyMarginMs, windowMs, startAt: midnight };
          await using made = await makeLimiter({ ...options, onDayExceeded: "delay" });
          const played = await play(made, plan, interruptions);
          const granted = grantedOf(played.calls);
          expect(played.calls).toHaveLength(plan.length);
          expect(await leftIn(made)).toEqual({ inFlight: 0, waiting: 0 });
          for (const call of granted) {
            const before = played.interruptions.filter(({ step }) => step < call.endedStep);
            const now = { ...limits };
            for (const { limits: changes } of before) Object.assign(now, defined(changes));
            const recent = granted.filter(
              (other) =>
                other.endedStep <= call.endedStep &&
                other.grantedAt > call.grantedAt - windowMs - safetyMarginMs,
            );
            expect(recent.length).toBeLessThanOrEqual(now.requestsPerMinute ?? Infinity);
            expect(tokensAt(call, granted, windowMs + safetyMarginMs)).toBeLessThanOrEqual(
              now.tokensPerMinute ?? Infinity,
            );
            expect(inFlightAt(call, granted)).toBeLessThanOrEqual(now.maxConcurrency ?? Infinity);
            const freeAt = before.map(({ at, refusal }) => {
              // A larger daily limit cancels a refusal of the day.
              const isLifted = refusal?.scope === "day" && before.some((other) => other.limits);
              return refusal && !isLifted ? midnight + at + refusal.forMs : 0;
            });
            expect(call.grantedAt).toBeGreaterThanOrEqual(Math.max(0, ...freeAt));
          }
        }),
        parameters,
      );
    });

    test("an unforeseen refusal of calls in flight never lets more go than before", async () => {
      const scenario = record({
        maxConcurrency: integer({ min: 1, max: 8 }),
        calls: plannedCalls(),
        refusals: array(
          record({
            at: integer({ min: 0, max: 9000 }),
            refusal: record({
              scope: constantFrom("concurrency" as const),
              forMs: integer({ min: 1, max: 5000 }),
            }),
          }),
          { minLength: 1, maxLength: 4 },
        ),
      });
      await assert(
        asyncProperty(scenario, async ({ maxConcurrency, calls: plan, refusals }) => {
          await using made = await makeLimiter({
            limits: { maxConcurrency },
            windowMs,
            startAt: midnight,
          });
          const { calls, interruptions } = await play(made, plan, refusals);
          const granted = grantedOf(calls);
          expect(calls).toHaveLength(plan.length);
          expect(await leftIn(made)).toEqual({ inFlight: 0, waiting: 0 });
          for (const call of granted) {
            const max = Math.min(
              maxConcurrency,
              ...interruptions.map((refused) => maxInFlightAfter(refused, call, granted)),
            );
            expect(inFlightAt(call, granted)).toBeLessThanOrEqual(max);
          }
        }),
        parameters,
      );
    });
  });
}

function isWithin({ grantedAt }: PlayedCall, startAt: number, lengthMs: number): boolean {
  return grantedAt >= startAt && grantedAt < startAt + lengthMs;
}

/** Tokens that count when `call` is granted, including its own, as known at that instant. */
function tokensAt(call: PlayedCall, granted: readonly PlayedCall[], spanMs: number): number {
  return granted
    .filter(
      (other) => other.endedStep <= call.endedStep && other.grantedAt > call.grantedAt - spanMs,
    )
    .map(({ tokens, tokensTaken, settledStep }) =>
      settledStep < call.endedStep ? (tokensTaken ?? tokens) : tokens,
    )
    .reduce((sum, tokens) => sum + tokens, 0);
}

/** Requests in flight when `call` is granted, including itself. */
function inFlightAt(call: PlayedCall, granted: readonly PlayedCall[]): number {
  return granted.filter(
    ({ endedStep, settledStep }) => endedStep <= call.endedStep && settledStep > call.endedStep,
  ).length;
}

/** Whether `other` waited when `call` was granted, and should have been granted first. */
function isOvertaken(other: PlayedCall, call: PlayedCall): boolean {
  const waited = other.askedStep < call.endedStep && call.endedStep < other.endedStep;
  const isBefore =
    other.priority > call.priority ||
    (other.priority === call.priority && other.askedStep < call.askedStep);
  // If one is granted at the very instant at which the other is made, either may be first.
  const isAtOnce =
    call.waitedMs !== undefined && call.waitedMs > 0 && other.at === call.at + call.waitedMs;
  return waited && isBefore && !isAtOnce;
}

/** The limit when `call` is granted, after one refusal: half, and one for each tenth of a window. */
function maxInFlightAfter(
  { at, step, refusal }: PlayedInterruption,
  call: PlayedCall,
  granted: readonly PlayedCall[],
): number {
  if (!refusal || step > call.endedStep) return Infinity;
  const inFlight = granted.filter(
    ({ endedStep, settledStep }) => endedStep < step && settledStep > step,
  ).length;
  const sinceMs = Math.max(0, call.grantedAt - (midnight + at + refusal.forMs));
  return Math.max(1, Math.floor(inFlight / 2)) + Math.floor(sinceMs / (windowMs / 10));
}

function defined(limits: object = {}): object {
  return Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined));
}

async function leftIn({ limiter }: LimiterUnderTest) {
  const { inFlight, waiting } = await limiter.state();
  return { inFlight, waiting };
}
