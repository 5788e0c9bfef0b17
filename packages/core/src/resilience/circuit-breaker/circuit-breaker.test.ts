import { array, assert, asyncProperty, constantFrom, nat, oneof, record } from "fast-check";
import { describe, expect, test } from "vitest";
import { FakeClock } from "../../clock/fake-clock.ts";
import { errorKinds, type ErrorKind } from "../../errors/error-kinds.ts";
import { ModelError, type ModelErrorDetails } from "../../errors/model-error.ts";
import {
  CircuitBreakers,
  isCircuitOpen,
  type CircuitBreakersOptions,
  type CircuitChange,
} from "./index.ts";

const route = { model: "openai/gpt-4o", via: "openrouter" };
const startAt = Date.UTC(2026, 0, 1);

const failure = (kind: ErrorKind, details: Partial<ModelErrorDetails> = {}) =>
  new ModelError(`a ${kind}`, { kind, ...details });

function create(options: CircuitBreakersOptions = {}) {
  const clock = new FakeClock(startAt);
  const changes: CircuitChange[] = [];
  const breakers = new CircuitBreakers({
    clock,
    onStateChange: (change) => changes.push(change),
    ...options,
  });
  const breaker = breakers.for(route);
  return {
    clock,
    changes,
    breakers,
    breaker,
    /** What the breaker makes of a failing attempt. */
    fail: (thrown: unknown, signal?: AbortSignal) =>
      breaker.execute(() => Promise.reject(thrown), signal).catch((caught: unknown) => caught),
    succeed: () => breaker.execute(async () => "answer"),
    /** Whether the route is called at all. */
    async isCalled() {
      let calls = 0;
      await breaker
        .execute(async () => {
          calls += 1;
          throw failure("aborted");
        })
        .catch(() => undefined);
      return calls === 1;
    },
    open: async () => {
      for (const _ of "123") {
        await breaker
          .execute(() => Promise.reject(failure("service_error")))
          .catch(() => undefined);
      }
    },
  };
}

/** An attempt that the test ends. */
function pending() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  return { attempt: () => promise, succeed: () => resolve("answer"), fail: reject };
}

describe("a closed circuit", () => {
  test("hands on values and errors as they are", async () => {
    const { fail, succeed } = create();
    const error = new Error("raw");
    expect(await succeed()).toBe("answer");
    expect(await fail(error)).toBe(error);
  });

  test.each([
    ["service_error", 3],
    ["connection_error", 3],
    ["timeout_error", 2],
  ] as const)("opens after failures in a row: %s, %i of them", async (kind, count) => {
    const { breaker, fail } = create();
    for (let failed = 1; failed < count; failed += 1) {
      await fail(failure(kind));
      expect(breaker.state).toBe("closed");
    }
    await fail(failure(kind));
    expect(breaker.state).toBe("open");
  });

  test("opens at once when a route is silent: that one timeout was the cost", async () => {
    const { breaker, fail } = create();
    await fail(failure("timeout_error", { reason: "silent" }));
    expect(breaker.state).toBe("open");
  });

  test("a timeout and one other failure open it", async () => {
    const { breaker, fail } = create();
    await fail(failure("timeout_error"));
    await fail(failure("service_error"));
    expect(breaker.state).toBe("open");
  });

  test("a success between failures starts the count anew", async () => {
    const { breaker, fail, succeed } = create();
    for (const _ of "1234") {
      await fail(failure("service_error"));
      await fail(failure("service_error"));
      await succeed();
    }
    expect(breaker.state).toBe("closed");
  });

  test("reads errors that are not ours: a refused connection counts", async () => {
    const { breaker, fail } = create();
    const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    for (const _ of "123") expect(await fail(refused)).toBe(refused);
    expect(breaker.state).toBe("open");
  });

  const ofTheRoute: readonly ErrorKind[] = ["connection_error", "service_error", "timeout_error"];
  test.each(errorKinds.filter((kind) => !ofTheRoute.includes(kind)))(
    "is not opened by any number of %ss, nor is the count reset",
    async (kind) => {
      const { breaker, fail } = create();
      for (const _ of "1234567") await fail(failure(kind));
      expect(breaker.state).toBe("closed");
      await fail(failure("timeout_error"));
      await fail(failure(kind));
      await fail(failure("service_error"));
      expect(breaker.state).toBe("open");
    },
  );

  test("is not opened by what fails after the caller's abort, whatever it looks like", async () => {
    const { breaker } = create();
    for (const _ of "1234") {
      const caller = new AbortController();
      const reason = new DOMException("the caller's own limit", "TimeoutError");
      const work = breaker.execute(async () => {
        caller.abort(reason);
        throw reason;
      }, caller.signal);
      await expect(work).rejects.toBe(reason);
    }
    expect(breaker.state).toBe("closed");
  });

  test("makes no attempt for a caller that has aborted", async () => {
    const { breaker } = create();
    let calls = 0;
    const work = breaker.execute(async () => (calls += 1), AbortSignal.abort("gone"));
    await expect(work).rejects.toBe("gone");
    expect(calls).toBe(0);
  });

  test("counts by the weights it is given, up to the threshold it is given", async () => {
    const { breaker, fail } = create({ failureThreshold: 2, failureWeight: () => 1 });
    await fail(failure("authentication_error"));
    expect(breaker.state).toBe("closed");
    await fail(failure("authentication_error"));
    expect(breaker.state).toBe("open");
  });
});

describe("an open circuit", () => {
  test("refuses at once and says since when, why, and when to come back", async () => {
    const { clock, breaker, open } = create();
    await open();
    await clock.advance(1500);
    let calls = 0;
    const error = await breaker
      .execute(async () => (calls += 1))
      .catch((thrown: unknown) => thrown);
    expect(calls).toBe(0);
    expect(error).toMatchObject({
      kind: "service_error",
      retryAfterMs: 28_500,
      details: { model: "openai/gpt-4o" },
      cause: { message: "a service_error" },
      message:
        "The circuit of openai/gpt-4o via openrouter is open since 2026-01-01T00:00:00.000Z, next probe in 28.5 s; it failed with service_error: a service_error",
    });
  });

  test("is told from a failure of the route, also when the error has been passed on", async () => {
    const { fail, open } = create();
    await open();
    const refusal = (await fail("unused")) as ModelError;
    expect(isCircuitOpen(refusal)).toBe(true);
    expect(isCircuitOpen(refusal.with({ status: 503 }))).toBe(true);
    expect(isCircuitOpen(failure("service_error"))).toBe(false);
    expect(isCircuitOpen(undefined)).toBe(false);
  });

  test("probes when the cooldown is over, and not a millisecond before", async () => {
    const { clock, isCalled, open } = create();
    await open();
    await clock.advance(29_999);
    expect(await isCalled()).toBe(false);
    await clock.advance(1);
    expect(await isCalled()).toBe(true);
  });

  test("never asks to come back in no time at all", async () => {
    const { clock, fail, open } = create();
    await open();
    await clock.advance(29_999.7);
    expect(await fail("unused")).toMatchObject({ retryAfterMs: 1 });
  });

  test("refuses longer after each probe that fails, up to a limit", async () => {
    const { clock, changes, fail, isCalled, open } = create({ maxCooldownMs: 100_000 });
    await open();
    for (const cooldownMs of [30_000, 60_000, 100_000, 100_000]) {
      expect(changes.at(-1)).toMatchObject({ to: "open", cooldownMs });
      await clock.advance(cooldownMs - 1);
      expect(await isCalled()).toBe(false);
      await clock.advance(1);
      await fail(failure("connection_error"));
    }
  });

  test("starts from the first cooldown after a recovery", async () => {
    const { clock, changes, fail, succeed, open } = create();
    await open();
    await clock.advance(30_000);
    await fail(failure("service_error"));
    await clock.advance(60_000);
    await succeed();
    await open();
    expect(changes.at(-1)).toMatchObject({ to: "open", cooldownMs: 30_000 });
  });

  test("waits as long as the server asked, if that is longer, but not for ever", async () => {
    const retryAfter = async (retryAfterMs: number) => {
      const { changes, fail } = create();
      for (const _ of "123") await fail(failure("service_error", { retryAfterMs }));
      return changes.at(-1)?.cooldownMs;
    };
    expect(await retryAfter(5000)).toBe(30_000);
    expect(await retryAfter(120_000)).toBe(120_000);
    expect(await retryAfter(86_400_000)).toBe(300_000);
  });

  test("takes a cooldown longer than the usual limit at its word", async () => {
    const { changes, open } = create({ cooldownMs: 600_000 });
    await open();
    expect(changes.at(-1)).toMatchObject({ cooldownMs: 600_000 });
  });

  test("is not touched by calls that began before it opened", async () => {
    const { clock, breaker, changes, open } = create();
    const [early, late] = [pending(), pending()];
    const succeeding = breaker.execute(early.attempt);
    const failing = breaker.execute(late.attempt);
    await open();
    early.succeed();
    await succeeding;
    expect(breaker.state).toBe("open");

    await clock.advance(30_000);
    const probe = pending();
    const probing = breaker.execute(probe.attempt);
    late.fail(failure("service_error"));
    await expect(failing).rejects.toThrow("a service_error");
    expect(breaker.state).toBe("half-open");
    probe.succeed();
    await probing;
    expect(changes.map(({ to }) => to)).toEqual(["open", "half-open", "closed"]);
  });
});

describe("a half-open circuit", () => {
  async function halfOpen() {
    const made = create();
    await made.open();
    await made.clock.advance(30_000);
    const probe = pending();
    const caller = new AbortController();
    const outcome = made.breaker
      .execute(probe.attempt, caller.signal)
      .catch((thrown: unknown) => thrown);
    return { ...made, probe, caller, outcome };
  }

  test("refuses all others at once while its probe is under way", async () => {
    const { breaker, fail } = await halfOpen();
    const refusal = await fail("unused");
    expect(breaker.state).toBe("half-open");
    expect(isCircuitOpen(refusal)).toBe(true);
    expect(refusal).toMatchObject({
      retryAfterMs: undefined,
      message: expect.stringContaining("a probe is under way"),
    });
  });

  test("closes when the probe succeeds, and forgets the failures", async () => {
    const { breaker, probe, outcome, fail } = await halfOpen();
    probe.succeed();
    expect(await outcome).toBe("answer");
    await fail(failure("timeout_error"));
    expect(breaker.state).toBe("closed");
  });

  test("opens again when the probe fails, and is open since the first failure", async () => {
    const { probe, outcome, fail } = await halfOpen();
    probe.fail(failure("connection_error"));
    await outcome;
    expect(await fail("unused")).toMatchObject({
      retryAfterMs: 60_000,
      message: expect.stringMatching(/since 2026-01-01T00:00:00.000Z.*connection_error/),
    });
  });

  test.each(["rate_limit_error", "invalid_request_error", "aborted"] as const)(
    "learns nothing from a probe that ends in a %s, and lets the next call probe",
    async (kind) => {
      const { breaker, probe, outcome, isCalled, succeed } = await halfOpen();
      probe.fail(failure(kind));
      await outcome;
      expect(breaker.state).toBe("half-open");
      expect(await isCalled()).toBe(true);
      await succeed();
      expect(breaker.state).toBe("closed");
    },
  );

  test("neither closes nor opens when the probe's caller aborts", async () => {
    const { breaker, probe, caller, outcome, isCalled } = await halfOpen();
    caller.abort();
    probe.fail(failure("timeout_error"));
    await outcome;
    expect(breaker.state).toBe("half-open");
    expect(await isCalled()).toBe(true);
  });

  test("is not kept shut by a listener that throws", async () => {
    const made = create({
      onStateChange: ({ to }) => {
        if (to === "half-open") throw new Error("a broken listener");
      },
    });
    await made.open();
    await made.clock.advance(30_000);
    expect(await made.fail("unused")).toMatchObject({ message: "a broken listener" });
    expect(await made.succeed()).toBe("answer");
    expect(made.breaker.state).toBe("closed");
  });
});

describe("leave to make attempts", () => {
  test("opens the circuit by what it is told, and is not taken back", async () => {
    const { breaker } = create();
    const leave = breaker.admit();
    for (const _ of "12") leave.fail(failure("service_error"));
    expect(breaker.state).toBe("closed");
    leave.fail(failure("service_error"));
    expect(breaker.state).toBe("open");
    expect(() => breaker.admit()).toThrow("is open since");
    leave.succeed();
    leave.fail(failure("service_error"));
    expect(breaker.state).toBe("open");
  });

  test("is given to one probe at a time, whose success closes the circuit", async () => {
    const { clock, breaker, open } = create();
    await open();
    await clock.advance(30_000);
    const probe = breaker.admit();
    expect(() => breaker.admit()).toThrow("a probe is under way");
    probe.succeed();
    expect(breaker.state).toBe("closed");
  });

  test("says nothing of the route by what the caller aborted", async () => {
    const { clock, breaker, open } = create();
    for (const _ of "1234") breaker.admit().fail(failure("timeout_error"), true);
    expect(breaker.state).toBe("closed");
    await open();
    await clock.advance(30_000);
    breaker.admit().fail(failure("timeout_error"), true);
    breaker.admit().succeed();
    expect(breaker.state).toBe("closed");
  });
});

describe("the registry", () => {
  test("tells of every change: which circuit, from what to what, when and why", async () => {
    const { clock, changes, succeed, open } = create();
    await open();
    await clock.advance(30_000);
    await succeed();
    const key = "openai/gpt-4o via openrouter";
    const of = { key, route: { ...route, provider: undefined } };
    expect(changes).toEqual([
      {
        ...of,
        from: "closed",
        to: "open",
        at: startAt,
        error: expect.objectContaining({
          details: { kind: "service_error", model: "openai/gpt-4o" },
        }),
        cooldownMs: 30_000,
      },
      { ...of, from: "open", to: "half-open", at: startAt + 30_000 },
      { ...of, from: "half-open", to: "closed", at: startAt + 30_000 },
    ]);
  });

  test("shares a breaker among the calls of one model, way and provider, and no others", async () => {
    const { breakers, breaker, open } = create();
    await open();
    expect(breakers.for({ ...route })).toBe(breaker);
    const others = [
      { ...route, model: "openai/gpt-5" },
      { ...route, via: "portkey" },
      { ...route, via: "portkey", provider: "openai" },
    ];
    for (const other of others) expect(breakers.for(other).state).toBe("closed");
    expect([...breakers].map(({ key }) => key)).toEqual([
      "openai/gpt-4o via openrouter",
      "openai/gpt-5 via openrouter",
      "openai/gpt-4o via portkey",
      "openai/gpt-4o via portkey (openai)",
    ]);
  });

  test("tells no more of a route than what names it", async () => {
    const clock = new FakeClock();
    const changes: CircuitChange[] = [];
    const breakers = new CircuitBreakers({ clock, onStateChange: (made) => changes.push(made) });
    const candidate = { ...route, apiKey: "secret" };
    for (const _ of "123") {
      const work = breakers.for(candidate).execute(() => Promise.reject(failure("service_error")));
      await work.catch(() => undefined);
    }
    expect(changes).toHaveLength(1);
    expect(JSON.stringify(changes)).not.toContain("secret");
  });
});

describe("whatever happens", () => {
  const step = oneof(
    record({ do: constantFrom("call", "succeed", "fail", "abort" as const), with: nat() }),
    record({ do: constantFrom("pass" as const), with: nat({ max: 90_000 }) }),
  );

  test("there is at most one probe, and an open circuit calls no one", async () => {
    await assert(
      asyncProperty(array(step, { maxLength: 60 }), async (steps) => {
        const simulation = new Simulation();
        for (const { do: action, with: number } of steps) {
          await simulation[action](number);
          expect(simulation.probes).toBeLessThanOrEqual(1);
        }
        expect(simulation.calls).toEqual(simulation.expected);
      }),
      { numRuns: 300 },
    );
  });
});

interface UnderWay extends ReturnType<typeof pending> {
  readonly caller: AbortController;
  readonly isProbe: boolean;
}

/** Calls that end when and as the test says, and beside them a reckoning of who may call. */
class Simulation {
  /** Whether each call reached the route, and whether it should have. */
  readonly calls: boolean[] = [];
  readonly expected: boolean[] = [];
  readonly #made = create();
  readonly #underWay: UnderWay[] = [];

  get probes(): number {
    return this.#underWay.filter(({ isProbe }) => isProbe).length;
  }

  call(): void {
    const { breaker } = this.#made;
    const { attempt, ...end } = pending();
    const caller = new AbortController();
    const isProbe = breaker.state !== "closed";
    this.expected.push(!isProbe || (this.probes === 0 && this.#mayProbe()));
    let isCalled = false;
    const work = breaker.execute(() => {
      isCalled = true;
      this.#underWay.push({ attempt, ...end, caller, isProbe });
      return attempt();
    }, caller.signal);
    work.catch(() => undefined);
    this.calls.push(isCalled);
  }

  succeed = (number: number) => this.#end(number, ({ succeed }) => succeed());
  fail = (number: number) => this.#end(number, ({ fail }) => fail(failure("service_error")));
  abort = (number: number) =>
    this.#end(number, ({ caller, fail }) => {
      caller.abort();
      fail(failure("timeout_error"));
    });

  pass = (durationMs: number) => this.#made.clock.advance(durationMs);

  #mayProbe(): boolean {
    const { changes, clock } = this.#made;
    const last = changes.at(-1);
    if (!last || last.to !== "open") return true;
    return clock.now() >= last.at + (last.cooldownMs ?? 0);
  }

  async #end(number: number, end: (call: UnderWay) => void): Promise<void> {
    const [call] = this.#underWay.splice(number % Math.max(1, this.#underWay.length), 1);
    if (call) end(call);
    await this.pass(0);
  }
}
