import { randomUUID } from "node:crypto";
import { LimiterState, type Grant, type QueueLoad, type RateLimits } from "@orchestra/core/limits";
import {
  array,
  assert,
  asyncProperty,
  boolean,
  constantFrom,
  integer,
  oneof,
  option,
  record,
} from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "../database/index.ts";
import { openOnServer } from "../test-support/databases.ts";
import type { LimiterChange } from "./limiter-change.ts";
import { LimitsTable } from "./limits-table.ts";
import type { SyncOptions } from "./sync-messages.ts";

let database: Database;
beforeAll(async () => {
  database = await openOnServer();
});
afterAll(() => database.close());

const start = Date.UTC(2026, 4, 6) - 3000;
const options: SyncOptions = {
  windowMs: 1000,
  marginMs: 50,
  maxRefusalMs: 2000,
  waitsForDay: true,
  deadAfterMs: 1e12,
};
const { windowMs, marginMs: safetyMarginMs, maxRefusalMs } = options;
const loads: readonly QueueLoad[] = [1, 2, 7].map((calls) => ({ calls, tokens: 30 * calls }));
const someTokens = integer({ min: 0, max: 60 });
const limit = (max: number) => option(oneof(integer({ min: 1, max }), constantFrom(Infinity)));
const step = record({
  afterMs: constantFrom(0, 1, 20, 300, 700, 1050, 2500),
  calls: array(someTokens, { maxLength: 4 }),
  /** Which of the open requests ends, and how. */
  ends: option(
    record({ index: integer({ min: 0, max: 9 }), spent: someTokens, isAnswered: boolean() }),
  ),
  isUnused: boolean(),
  refusal: option(
    record({
      scope: constantFrom("minute" as const, "day" as const, "concurrency" as const),
      forMs: integer({ min: -10, max: 3000 }),
    }),
  ),
  limits: option(
    record({
      requestsPerMinute: limit(5),
      tokensPerMinute: limit(200),
      requestsPerDay: limit(20),
      maxConcurrency: limit(4),
    }),
  ),
  counted: option(integer({ min: 0, max: 20 })),
  horizonMs: constantFrom(0, 300),
});

/** A request in flight, in the database and in the state that it is compared with. */
interface Open {
  readonly grant: Grant;
  readonly takenAt: number;
  readonly until: number;
  readonly tokens: number;
}

test("the database decides and counts as the rate limiter in memory does, after any sequence of calls", async () => {
  await assert(
    asyncProperty(array(step, { minLength: 3, maxLength: 15 }), async (steps) => {
      const table = new LimitsTable(database, randomUUID());
      const model = new LimiterState({ windowMs, safetyMarginMs, maxRefusalMs });
      const open: Open[] = [];
      let now = start;
      for (const [
        index,
        { afterMs, calls, ends, isUnused, refusal, limits, counted, horizonMs },
      ] of steps.entries()) {
        now += afterMs;
        const changes: LimiterChange[] = [];
        const ended = ends && open.splice(ends.index % Math.max(1, open.length), 1)[0];
        if (ended) {
          const { takenAt, until, tokens, grant } = ended;
          const { spent, isAnswered } = ends;
          if (isUnused) {
            changes.push({ type: "return", takenAt, until, tokens });
            model.settle(grant, { tokens, isAnswered: false }, now);
            model.giveBack({ takenAt, until, tokens }, now);
          } else {
            changes.push({ type: "settle", until, tokens, endedAt: now, spent, isAnswered });
            model.settle(grant, { tokens: spent, isAnswered }, now);
          }
        }
        if (refusal) {
          const until = now + refusal.forMs;
          changes.push({ type: "refuse", scope: refusal.scope, until });
          model.refuse({ scope: refusal.scope, until }, now);
        }
        if (limits) {
          const given = withoutNull(limits);
          changes.push({ type: "limits", limits: given });
          model.setLimits(given);
        }
        if (counted !== null) {
          changes.push({ type: "day", used: counted });
          model.countDay(counted, now);
        }

        const reply = await table.sync("a", index + 1, {
          options,
          sentAt: now,
          now,
          confirmed: index,
          changes: changes.map((change) => ({ ...change, sentIn: index + 1 })),
          calls: calls.map((tokens) => [0, tokens, now]),
          inFlight: open.length,
          ahead: 0,
          wantsAhead: 0,
          aheadMs: 0,
          allowanceMs: 0,
          horizonMs,
        });

        const granted: number[] = [];
        const grantedFrom: number[] = [];
        let doesFit = true;
        for (const [position, tokens] of calls.entries()) {
          if (model.tokensError(tokens)) continue;
          const load = { calls: 1, tokens };
          const from = model.fitsAt(load, now);
          // Only slots of the minute are booked before they are free.
          const others = withoutMinute(model, now);
          doesFit &&= Math.max(others.fitsAt(load, now), others.hasRoomAt(1, now)) <= now;
          doesFit &&= from <= now + horizonMs;
          if (!doesFit) continue;
          granted.push(position);
          grantedFrom.push(from);
          const grant = model.take(tokens, now, from);
          open.push({ grant, takenAt: now, until: from, tokens });
        }
        expect(reply.granted).toEqual(granted);
        expect(reply.grantedFrom).toEqual(grantedFrom);
        expect(reply.failed).toEqual(
          [...calls.keys()].filter((position) => model.tokensError(calls[position] ?? 0)),
        );
        const state = LimiterState.fromJSON(
          reply.limiter,
          { windowMs, safetyMarginMs, maxRefusalMs },
          now,
        );
        for (const load of loads) {
          expect(state.describe(load, now)).toEqual(model.describe(load, now));
          expect(state.hasRoomAt(load.calls, now)).toBe(model.hasRoomAt(load.calls, now));
        }
      }
    }),
    { numRuns: 40 },
  );
});

/** The same state without the limit of requests in a minute. */
function withoutMinute(model: LimiterState, now: number): LimiterState {
  const json = model.toJSON();
  const { requestsPerMinute: _, ...limits } = json.limits ?? {};
  return LimiterState.fromJSON(
    { ...json, limits },
    { windowMs, safetyMarginMs, maxRefusalMs },
    now,
  );
}

function withoutNull(limits: { readonly [Name in keyof RateLimits]-?: number | null }): RateLimits {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== null));
}
