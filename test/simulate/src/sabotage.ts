import {
  ModelError,
  type CompletionChunk,
  type OrchestraOptions,
  type Policy,
  type RateLimiter,
} from "@orchestra/core";
import type { CheckName } from "./checks/index.ts";
import type { SimulateOptions } from "./simulate.ts";
import type { ClockView } from "./virtual-clock.ts";

/** A deliberate bug, and the check that has to find it. */
export interface Sabotage {
  readonly name: string;
  readonly check: CheckName;
  readonly options: SimulateOptions;
}

const grantsAtOnce: RateLimiter = {
  acquire: async () => ({
    grantedAt: 0,
    waitedMs: 0,
    settle: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  }),
  backOff: async () => undefined,
  setLimits: async () => undefined,
  countDay: async () => undefined,
  state: () => Promise.reject(new Error("not used")),
};

/** Continues to wait after the caller has aborted. */
function doesNotListen(clock: ClockView): RateLimiter {
  const acquire = async () => {
    await clock.sleep(2_000);
    return grantsAtOnce.acquire();
  };
  return { ...grantsAtOnce, acquire };
}

/** A policy outside all others. */
function outermost(policy: (clock: ClockView) => Policy): SimulateOptions {
  return withPolicies((defaults, clock) => [policy(clock), ...defaults]);
}

function withPolicies(
  change: (defaults: readonly Policy[], clock: ClockView) => readonly Policy[],
): SimulateOptions {
  return {
    orchestra: (clock): Partial<OrchestraOptions> => ({
      policies: (defaults) => change(defaults, clock),
    }),
  };
}

const isNamed = (name: string) => (policy: Policy) => policy.name === name;

/** Removes the usage of a request, between the policies that count it. */
const forgetUsage: Policy = (next) => async (attempt) => {
  const answer = await next(attempt);
  return answer.kind === "whole"
    ? Object.assign(answer, { metadata: { status: 200, generationId: "gen-0" } })
    : answer;
};

/** Loses the first piece of an answer. The pieces are numbered from 1. */
function withoutFirstPieces(chunk: CompletionChunk): CompletionChunk {
  const isFirst = chunk.choices[0]?.delta.content?.includes(".1/") ?? false;
  return isFirst ? { ...chunk, choices: [] } : chunk;
}

/** A circuit breaker that does not close again. */
function stayOpen(): Policy {
  const failed = new Set<string>();
  return (next) => async (attempt) => {
    const { model } = attempt.route;
    if (failed.has(model) && !attempt.isLastRoute) {
      throw new ModelError("The circuit is open", {
        kind: "service_error",
        reason: "circuit_open",
      });
    }
    try {
      return await next(attempt);
    } catch (error) {
      failed.add(model);
      throw error;
    }
  };
}

/** One or more bugs for each check. */
export const sabotages: readonly Sabotage[] = [
  {
    name: "a rate limiter that grants at once",
    check: "limits",
    options: {
      orchestra: () => ({ rateLimiter: grantsAtOnce }),
      settings: { requestsPerMinute: 5 },
    },
  },
  {
    name: "a rate limiter that does not count requests in flight",
    check: "limits",
    options: { orchestra: () => ({ rateLimiter: grantsAtOnce }), settings: { maxConcurrency: 1 } },
  },
  {
    name: "a budget that is not kept",
    check: "budgets",
    options: {
      ...withPolicies((defaults) => defaults.filter((policy) => !isNamed("budget")(policy))),
      settings: { budgetTokens: { call: Infinity, run: 200, day: Infinity } },
    },
  },
  {
    name: "an answer that is given twice",
    check: "answers",
    options: { sabotage: "doubles-an-answer" },
  },
  {
    name: "a piece of a stream that is lost",
    check: "answers",
    options: outermost(() => (next) => async (attempt) => {
      const answer = await next(attempt);
      if (answer.kind === "stream") answer.map(withoutFirstPieces);
      return answer;
    }),
  },
  {
    name: "an error without a type",
    check: "answers",
    options: outermost(() => () => () => Promise.reject(new TypeError("x is not a function"))),
  },
  {
    name: "an attempt that is not recorded",
    check: "records",
    options: withPolicies((defaults) => defaults.filter((policy) => !isNamed("recording")(policy))),
  },
  {
    name: "a call that hangs",
    check: "bounds",
    options: outermost(() => () => () => new Promise(() => undefined)),
  },
  {
    name: "a call that takes too long",
    check: "bounds",
    options: {
      ...withPolicies((defaults, clock) => [
        (next) => async (attempt) => {
          await clock.sleep(60_000);
          return next(attempt);
        },
        ...defaults.filter((policy) => !isNamed("callTimeout")(policy)),
      ]),
      settings: { callTimeoutMs: 8_000 },
    },
  },
  {
    name: "a circuit that stays open",
    check: "recovery",
    options: {
      ...withPolicies((defaults) => {
        const policy = stayOpen();
        return defaults.map((own) => (isNamed("circuitBreaker")(own) ? policy : own));
      }),
      settings: { cooldownMs: 1_000 },
    },
  },
  { name: "a bill of another amount", check: "books", options: { sabotage: "books-a-token-more" } },
  {
    name: "usage that is forgotten",
    check: "books",
    options: withPolicies((defaults) =>
      defaults.flatMap((policy) =>
        isNamed("recording")(policy) ? [policy, forgetUsage] : [policy],
      ),
    ),
  },
  {
    name: "a limit of attempts that is not kept",
    check: "attempts",
    options: {
      ...withPolicies((defaults) => defaults.filter((policy) => !isNamed("attemptLimit")(policy))),
      settings: { callMaxAttempts: 1 },
    },
  },
  {
    name: "an abort that ends a call late",
    check: "aborts",
    options: { orchestra: (clock) => ({ rateLimiter: doesNotListen(clock) }) },
  },
  {
    name: "a request that is sent after the abort",
    check: "aborts",
    options: outermost(() => (next) => async (attempt) => {
      try {
        return await next(attempt);
      } catch (error) {
        if (!attempt.signal.aborted) throw error;
        return next({ ...attempt, signal: new AbortController().signal });
      }
    }),
  },
  {
    name: "a timer that is left",
    check: "leftovers",
    options: outermost((clock) => (next) => (attempt) => {
      clock.after(86_400_000, () => undefined);
      return next(attempt);
    }),
  },
  {
    name: "a rejection that nothing handles",
    check: "leftovers",
    options: outermost(() => (next) => (attempt) => {
      void Promise.reject(new Error("not handled"));
      return next(attempt);
    }),
  },
];
