import { array, assert, asyncProperty, constantFrom, nat, oneof, record } from "fast-check";
import { expect, test } from "vitest";
import { FakeClock } from "../../clock/fake-clock.ts";
import { ModelError } from "../../errors/model-error.ts";
import { CircuitBreakers, isCircuitOpen, type CircuitPermit, type CircuitState } from "./index.ts";

const cooldownMs = 30_000;

const outcomes = ["answering", "succeed", "fail", "rateLimit", "abort", "release"] as const;
const step = oneof(
  record({ do: constantFrom("call" as const, ...outcomes), on: nat() }),
  record({ do: constantFrom("advance" as const), on: nat({ max: 2 * cooldownMs }) }),
);

const error = (kind: "service_error" | "rate_limit_error" | "aborted") =>
  new ModelError(`a ${kind}`, { kind });

type Admission = "admitted" | "probe" | "refused";

/** Calls in progress, which end as the test says; and a model of which calls are to be admitted. */
class Simulation {
  readonly clock = new FakeClock();
  state: CircuitState = "closed";
  /** When the circuit opened last, or its last probe failed. */
  openedAt = 0;
  readonly expected: Admission[] = [];
  readonly observed: Admission[] = [];
  readonly inProgress: CircuitPermit[] = [];
  /** The probe in progress that has had no outcome. */
  probe: CircuitPermit | undefined;
  readonly #breaker = new CircuitBreakers({
    cooldownMs,
    clock: this.clock,
    onStateChange: ({ to }) => {
      this.state = to;
      if (to !== "half-open") this.probe = undefined;
      if (to === "open") this.openedAt = this.clock.now();
    },
  }).for({ model: "openai/gpt-4o", via: "openrouter" });

  admit(): CircuitPermit | undefined {
    const isCooledDown = this.clock.now() >= this.openedAt + cooldownMs;
    const isClosed = this.state === "closed";
    const canProbe = isCooledDown && !this.probe;
    this.expected.push(isClosed ? "admitted" : canProbe ? "probe" : "refused");
    try {
      const permit = this.#breaker.admit();
      this.inProgress.push(permit);
      if (permit.isProbe) this.probe = permit;
      this.observed.push(permit.isProbe ? "probe" : "admitted");
      return permit;
    } catch (thrown) {
      if (!isCircuitOpen(thrown)) throw thrown;
      this.observed.push("refused");
      return undefined;
    }
  }

  report(outcome: (typeof outcomes)[number], index: number): void {
    const permit = this.inProgress[index % Math.max(1, this.inProgress.length)];
    if (!permit) return;
    if (outcome === "fail") permit.fail(error("service_error"));
    else if (outcome === "rateLimit") permit.fail(error("rate_limit_error"));
    else if (outcome === "abort") permit.fail(error("aborted"));
    else permit[outcome]();
    if (outcome === "release") {
      this.inProgress.splice(this.inProgress.indexOf(permit), 1);
      if (this.probe === permit) this.probe = undefined;
    }
  }
}

async function simulate(steps: readonly { do: string; on: number }[]): Promise<Simulation> {
  const simulation = new Simulation();
  for (const { do: action, on } of steps) {
    if (action === "advance") await simulation.clock.advance(on);
    else if (action === "call") simulation.admit();
    else simulation.report(action as (typeof outcomes)[number], on);
  }
  return simulation;
}

test("a closed circuit admits every call, an open one a single probe after the cooldown", async () => {
  await assert(
    asyncProperty(array(step, { maxLength: 60 }), async (steps) => {
      const { observed, expected } = await simulate(steps);
      expect(observed).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});

test("after an outage of any length, one cooldown and one call close the circuit", async () => {
  await assert(
    asyncProperty(array(step, { maxLength: 60 }), async (steps) => {
      const simulation = await simulate(steps);
      for (const permit of simulation.inProgress) permit.release();
      simulation.probe = undefined;
      await simulation.clock.advance(cooldownMs);
      simulation.admit()?.succeed();
      expect(simulation.state).toBe("closed");
      expect(simulation.admit()?.isProbe).toBe(false);
    }),
    { numRuns: 300 },
  );
});
