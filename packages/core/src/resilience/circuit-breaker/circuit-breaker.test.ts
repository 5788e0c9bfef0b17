import { describe, expect, test } from "vitest";
import { FakeClock } from "../../clock/fake-clock.ts";
import { errorKinds, type ErrorKind } from "../../errors/error-kinds.ts";
import { ModelError, type ModelErrorDetails } from "../../errors/model-error.ts";
import {
  CircuitBreakers,
  isCircuitOpen,
  type CircuitBreaker,
  type CircuitBreakersOptions,
  type CircuitChange,
} from "./index.ts";

const route = { model: "openai/gpt-4o", via: "openrouter" };
const startAt = Date.UTC(2026, 0, 1);

const failure = (kind: ErrorKind, details: Partial<ModelErrorDetails> = {}) =>
  new ModelError(`a ${kind}`, { kind, ...details });

const serviceError = failure("service_error");

function create(options: Partial<CircuitBreakersOptions> = {}) {
  const clock = new FakeClock(startAt);
  const changes: CircuitChange[] = [];
  const breakers = new CircuitBreakers({
    clock,
    onStateChange: (change) => changes.push(change),
    ...options,
  });
  const breaker = breakers.for(route);
  return { clock, changes, breakers, breaker };
}

async function createHalfOpen(options: Partial<CircuitBreakersOptions> = {}) {
  const created = create(options);
  open(created.breaker);
  await created.clock.advance(30_000);
  return { ...created, probe: created.breaker.admit() };
}

/** One call with one attempt. */
function fail(breaker: CircuitBreaker, error: ModelError = serviceError): void {
  const permit = breaker.admit();
  permit.fail(error);
  permit.release();
}

function succeed(breaker: CircuitBreaker): void {
  const permit = breaker.admit();
  permit.answering();
  permit.succeed();
  permit.release();
}

function open(breaker: CircuitBreaker): void {
  for (const _ of "123") fail(breaker);
}

/** The error of a call that is refused; `undefined` if the call is admitted. */
function refusal(breaker: CircuitBreaker): ModelError | undefined {
  try {
    breaker.admit().release();
    return undefined;
  } catch (error) {
    if (!isCircuitOpen(error)) throw error;
    return error;
  }
}

const isClosed = ({ changes }: ReturnType<typeof create>) =>
  (changes.at(-1)?.to ?? "closed") === "closed";

describe("a closed circuit", () => {
  test.each([
    ["service_error", undefined, 3],
    ["connection_error", undefined, 3],
    ["invalid_response_error", "interrupted", 3],
    ["timeout_error", undefined, 2],
    ["timeout_error", "no_response", 1],
  ] as const)("opens after failures in a row: %s (%s), %i of them", (kind, reason, count) => {
    const { breaker } = create();
    for (let failed = 0; failed < count; failed += 1) {
      expect(refusal(breaker)).toBeUndefined();
      fail(breaker, failure(kind, { reason }));
    }
    expect(refusal(breaker)).toBeDefined();
  });

  test("adds up failures of different weights", () => {
    const { breaker } = create();
    fail(breaker, failure("timeout_error"));
    expect(refusal(breaker)).toBeUndefined();
    fail(breaker);
    expect(refusal(breaker)).toBeDefined();
  });

  test("counts failures in a row: a success resets the count", () => {
    const { breaker } = create();
    for (const _ of "1234") {
      fail(breaker);
      fail(breaker);
      succeed(breaker);
    }
    expect(refusal(breaker)).toBeUndefined();
  });

  test("opens when streams break after their first token", () => {
    const { breaker } = create();
    for (const _ of "123") {
      const permit = breaker.admit();
      permit.answering();
      permit.fail(failure("invalid_response_error", { reason: "interrupted" }));
      permit.release();
    }
    expect(refusal(breaker)).toBeDefined();
  });

  test("is not opened by streams that are left after their first token", () => {
    const { breaker } = create();
    for (const _ of "1234") {
      const permit = breaker.admit();
      permit.answering();
      permit.release();
    }
    expect(refusal(breaker)).toBeUndefined();
  });

  const ofTheRoute: readonly ErrorKind[] = ["connection_error", "service_error", "timeout_error"];
  test.each(errorKinds.filter((kind) => !ofTheRoute.includes(kind)))(
    "ignores any number of %ss: they neither open it nor reset the count",
    (kind) => {
      const { breaker } = create();
      for (const _ of "1234567") fail(breaker, failure(kind));
      expect(refusal(breaker)).toBeUndefined();
      fail(breaker, failure("timeout_error"));
      fail(breaker, failure(kind));
      fail(breaker);
      expect(refusal(breaker)).toBeDefined();
    },
  );

  test("counts every attempt of a permit, and does not take the permit back when it opens", () => {
    const { breaker, changes } = create();
    const permit = breaker.admit();
    for (const _ of "12") permit.fail(serviceError);
    expect(refusal(breaker)).toBeUndefined();
    permit.fail(serviceError);
    permit.fail(serviceError);
    permit.succeed();
    expect(refusal(breaker)).toBeDefined();
    expect(changes).toHaveLength(1);
  });

  test("ignores what a permit reports after its release", () => {
    const { breaker } = create();
    const permit = breaker.admit();
    permit.release();
    permit.release();
    for (const _ of "123") permit.fail(serviceError);
    expect(refusal(breaker)).toBeUndefined();
  });
});

describe("an open circuit", () => {
  test("refuses calls with an error that has the time, the cause and the next test call", async () => {
    const { clock, breaker } = create();
    open(breaker);
    await clock.advance(1500);
    expect(refusal(breaker)).toMatchObject({
      kind: "service_error",
      retryAfterMs: 28_500,
      details: { reason: "circuit_open", model: "openai/gpt-4o" },
      cause: { message: "a service_error" },
      message:
        "The circuit of openai/gpt-4o via openrouter has been open since 2026-01-01T00:00:00.000Z, next probe in 29 s. Last failure: service_error: a service_error",
    });
  });

  test("is distinguished from a failure of the route, also in a copy of the error", () => {
    const { breaker } = create();
    open(breaker);
    expect(isCircuitOpen(refusal(breaker)?.with({ status: 503 }))).toBe(true);
    expect(isCircuitOpen(serviceError)).toBe(false);
    expect(isCircuitOpen(undefined)).toBe(false);
  });

  test("probes when the cooldown is over, and not a millisecond before", async () => {
    const { clock, breaker } = create({ cooldownMs: 10_000 });
    open(breaker);
    await clock.advance(9_999);
    expect(refusal(breaker)).toBeDefined();
    await clock.advance(1);
    expect(breaker.admit().isProbe).toBe(true);
  });

  test("never reports the next test call as in 0 ms", async () => {
    const { clock, breaker } = create();
    open(breaker);
    await clock.advance(29_999.7);
    expect(refusal(breaker)).toMatchObject({ retryAfterMs: 1 });
  });

  test("probes once per cooldown, however many probes have failed", async () => {
    const { clock, changes, breaker } = create();
    open(breaker);
    for (const _ of "123456") {
      expect(changes.at(-1)).toMatchObject({ to: "open", cooldownMs: 30_000 });
      await clock.advance(29_999);
      expect(refusal(breaker)).toBeDefined();
      await clock.advance(1);
      fail(breaker, failure("connection_error"));
    }
  });

  test("does not wait longer when the server asks for it: another call may need less", () => {
    const { changes, breaker } = create();
    for (const _ of "123") fail(breaker, failure("service_error", { retryAfterMs: 120_000 }));
    expect(changes.at(-1)).toMatchObject({ to: "open", cooldownMs: 30_000 });
  });

  test("ignores calls that were admitted before it opened, also during a probe", async () => {
    const { clock, breaker, changes } = create();
    const [early, late] = [breaker.admit(), breaker.admit()];
    open(breaker);
    early.succeed();
    expect(refusal(breaker)).toBeDefined();

    await clock.advance(30_000);
    const probe = breaker.admit();
    late.fail(serviceError);
    late.release();
    expect(refusal(breaker)?.message).toContain("a probe is in progress");
    probe.succeed();
    expect(changes.map(({ to }) => to)).toEqual(["open", "half-open", "closed"]);
  });

  test("ignores calls that were admitted before it opened, also after it has closed", async () => {
    const { clock, breaker } = create();
    const early = breaker.admit();
    open(breaker);
    await clock.advance(30_000);
    succeed(breaker);
    for (const _ of "123") early.fail(serviceError);
    expect(refusal(breaker)).toBeUndefined();
  });
});

describe("a half-open circuit", () => {
  test("refuses all other calls while its probe is in progress", async () => {
    const { breaker, probe } = await createHalfOpen();
    expect(probe.isProbe).toBe(true);
    const refused = refusal(breaker);
    expect(refused).toMatchObject({ retryAfterMs: undefined });
    expect(refused?.message).toContain("a probe is in progress");
  });

  test.each(["succeed", "answering"] as const)(
    "closes on %s, and the failures from before are forgotten",
    async (outcome) => {
      const created = await createHalfOpen();
      created.probe[outcome]();
      expect(isClosed(created)).toBe(true);
      expect(created.breaker.admit().isProbe).toBe(false);
      fail(created.breaker, failure("timeout_error"));
      expect(isClosed(created)).toBe(true);
    },
  );

  test("counts a failure of the probe after its first token", async () => {
    const created = await createHalfOpen();
    const { breaker, probe } = created;
    probe.answering();
    probe.fail(serviceError);
    probe.release();
    fail(breaker);
    expect(isClosed(created)).toBe(true);
    fail(breaker);
    expect(isClosed(created)).toBe(false);
  });

  test("opens again when the probe fails, and has been open since the first failure", async () => {
    const { breaker, probe } = await createHalfOpen();
    probe.fail(failure("connection_error"));
    expect(refusal(breaker)).toMatchObject({
      retryAfterMs: 30_000,
      message: expect.stringMatching(/since 2026-01-01T00:00:00.000Z.*connection_error/),
    });
  });

  test("ignores further attempts of a probe that has failed", async () => {
    const { clock, breaker, probe } = await createHalfOpen();
    probe.fail(serviceError);
    await clock.advance(20_000);
    probe.fail(serviceError);
    probe.succeed();
    probe.release();
    expect(refusal(breaker)).toMatchObject({ retryAfterMs: 10_000 });
  });

  test.each(["rate_limit_error", "invalid_request_error", "aborted"] as const)(
    "ignores a test call that ends with a %s, and the next call is the test call",
    async (kind) => {
      const created = await createHalfOpen();
      const { breaker, probe } = created;
      probe.fail(failure(kind));
      expect(refusal(breaker)).toBeDefined();
      probe.release();
      expect(isClosed(created)).toBe(false);
      const next = breaker.admit();
      expect(next.isProbe).toBe(true);
      next.succeed();
      expect(isClosed(created)).toBe(true);
    },
  );

  test("keeps its probe when an earlier probe is released again", async () => {
    const { breaker, probe } = await createHalfOpen();
    probe.release();
    breaker.admit();
    probe.release();
    expect(refusal(breaker)).toBeDefined();
  });

  test("lets the next call be the test call if the listener throws", async () => {
    const { clock, breaker } = create({
      onStateChange: ({ to }) => {
        if (to === "half-open") throw new Error("a broken listener");
      },
    });
    open(breaker);
    await clock.advance(30_000);
    expect(() => breaker.admit()).toThrow("a broken listener");
    expect(breaker.admit().isProbe).toBe(true);
  });
});

describe("the registry", () => {
  test("reports each change: which circuit, from what and to what", async () => {
    const { changes, probe } = await createHalfOpen();
    probe.answering();
    probe.succeed();
    const key = "openai/gpt-4o via openrouter";
    expect(changes).toEqual([
      { key, from: "closed", to: "open", cooldownMs: 30_000 },
      { key, from: "open", to: "half-open" },
      { key, from: "half-open", to: "closed" },
    ]);
  });

  test("shares a breaker among the calls of one model, service and provider, and no others", () => {
    const { breakers, breaker } = create();
    expect(breakers.for(route)).toBe(breaker);
    expect(breakers.for({ ...route })).toBe(breaker);
    open(breaker);
    const others = [
      { ...route, model: "openai/gpt-5" },
      { ...route, via: "portkey" },
      { ...route, via: "portkey", provider: "openai" },
    ].map((other) => breakers.for(other));
    expect(others.map(refusal)).toEqual([undefined, undefined, undefined]);
    expect(others.map(({ key }) => key)).toEqual([
      "openai/gpt-5 via openrouter",
      "openai/gpt-4o via portkey",
      "openai/gpt-4o via portkey (openai)",
    ]);
  });

  test("drops the least recently used of more than 1,000 routes", () => {
    const { breakers, breaker } = create();
    const dropped = breakers.for({ ...route, model: "dropped" });
    for (let index = 0; index < 999; index += 1) {
      breakers.for({ ...route, model: `model-${index}` });
      breakers.for(route);
    }
    expect(breakers.for({ ...route })).toBe(breaker);
    expect(breakers.for({ ...route, model: "dropped" })).not.toBe(dropped);
  });
});
