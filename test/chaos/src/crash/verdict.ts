import type { Run, RunEvent } from "@orchestra/runtime";
import type { Harm } from "./breakable-database.ts";
import type { Shape } from "./shapes.ts";

/**
 * - `lost`: the run did not succeed, or its events have gaps.
 * - `mixed`: its output is made of two executions, or was changed after its end.
 * - `doubled`: something was done twice that has to be done once.
 * - `books`: its usage is not the sum of its answers.
 */
export type ProblemKind = "lost" | "mixed" | "doubled" | "books";

export interface Problem {
  readonly kind: ProblemKind;
  readonly words: string;
}

/** An answer of the sandbox. */
export interface Answered {
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** The request. */
  readonly body: object;
}

export interface Evidence {
  /** The run as it was at its end. */
  readonly run: Run;
  /** The same run, after the interrupted execution has continued and ended. */
  readonly later: Run;
  readonly events: readonly RunEvent[];
  readonly answered: readonly Answered[];
  /** Number of effects on the external system, one for each idempotency key. */
  readonly effects: number;
  /** The run that it was forked from, before and after the case. */
  readonly origin?: Run;
  readonly originLater?: Run;
}

/** Returns what is wrong with a run whose worker or connection was lost. */
export function problemsOf(evidence: Evidence, shape: Shape, harm: Harm): Problem[] {
  const { run } = evidence;
  if (run.status !== "succeeded") {
    const why = run.error ? `: ${run.error.code} ${run.error.message}` : "";
    return [{ kind: "lost", words: `it is ${run.status}${why}` }];
  }
  return [
    ...outputProblems(evidence, shape),
    ...eventProblems(evidence, shape),
    ...effectProblems(evidence, shape),
    ...accountProblems(evidence, shape, harm),
    ...forkProblems(evidence, shape),
  ];
}

function outputProblems({ run, later, origin }: Evidence, shape: Shape): Problem[] {
  const wrong = shape.problemOf(run.output as never, origin?.output as never);
  const isSame = JSON.stringify(withoutUsage(run)) === JSON.stringify(withoutUsage(later));
  return [
    ...(wrong === undefined ? [] : [{ kind: "mixed" as const, words: wrong }]),
    ...(isSame ? [] : [{ kind: "mixed" as const, words: "it changed after its end" }]),
  ];
}

/** After the end of a run, only its usage may change: by calls of an execution that continued too late. */
function withoutUsage(run: Run): object {
  return { ...run, usage: undefined };
}

/** A fork must not change its origin, and must not repeat calls whose answers it has. */
function forkProblems({ origin, originLater, answered }: Evidence, { fork }: Shape): Problem[] {
  const requests = answered.map(({ body }) => JSON.stringify(body));
  const again = fork?.asked.filter((asked) => requests.some((text) => text.includes(asked))) ?? [];
  const isSame = JSON.stringify(origin) === JSON.stringify(originLater);
  return [
    ...again.map((asked) => ({ kind: "doubled" as const, words: `it asked again: ${asked}` })),
    ...(isSame ? [] : [{ kind: "mixed" as const, words: "its origin has changed" }]),
  ];
}

function eventProblems({ run, events }: Evidence, { afterwards }: Shape): Problem[] {
  const ends = events.filter(({ type }) => type === "run-end").length;
  const expected = afterwards === "retry" ? 2 : 1;
  const isWhole =
    events.length === run.lastEvent && events.every(({ number }, index) => number === index + 1);
  return [
    ...(ends === expected ? [] : [{ kind: "doubled" as const, words: `it ended ${ends} times` }]),
    ...(isWhole ? [] : [{ kind: "lost" as const, words: "its events have gaps" }]),
  ];
}

function effectProblems({ effects }: Evidence, { effects: expected }: Shape): Problem[] {
  if (effects === expected) return [];
  const kind = effects < expected ? "lost" : "doubled";
  return [{ kind, words: `it changed the outside world ${effects} times, not ${expected}` }];
}

/**
 * Answers that were in progress at the interruption may be missing in the usage of the run: at most one if the worker
 * was frozen, or lost its lease because its machine was too busy for a heartbeat; all that were not stored if the
 * process was killed.
 */
function accountProblems(
  { later, events, answered }: Evidence,
  { calls }: Shape,
  harm: Harm,
): Problem[] {
  const { usage } = later;
  const paid = total(answered);
  const wasStopped = harm === "freeze" || events.some(({ type }) => type === "run-lost");
  const unheard = [{ promptTokens: 0, completionTokens: 0 }, ...(wasStopped ? answered : [])];
  const isEqual = unheard.some(
    ({ promptTokens, completionTokens }) =>
      usage.promptTokens + promptTokens === paid.promptTokens &&
      usage.completionTokens + completionTokens === paid.completionTokens,
  );
  const isWithin = usage.calls >= calls && usage.promptTokens <= paid.promptTokens;
  if (isWithin && (harm === "kill" || isEqual)) return [];
  const words = `its account has ${tell(usage)}, the server's books ${tell(paid)}, after ${later.executions} executions`;
  return [{ kind: "books", words }];
}

type Tokens = Omit<Answered, "body">;

function total(answered: readonly Answered[]): Tokens & { readonly calls: number } {
  return {
    calls: answered.length,
    promptTokens: sum(answered.map(({ promptTokens }) => promptTokens)),
    completionTokens: sum(answered.map(({ completionTokens }) => completionTokens)),
  };
}

function tell({ calls, ...tokens }: Tokens & { readonly calls: number }): string {
  return `${calls} calls of ${tokens.promptTokens}+${tokens.completionTokens} tokens`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
