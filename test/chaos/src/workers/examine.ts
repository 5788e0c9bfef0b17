import { hasEnded, type Run, type Runtime } from "@orchestra/runtime";
import { factOf } from "../facts.ts";
import {
  bookedCall,
  fullestWindow,
  wasInFlight,
  type BookedCall,
  type Outage,
} from "./booked-calls.ts";
import { gatherEvidence, leftInQueue } from "./evidence.ts";
import type { OwnDeath } from "./fleet.ts";
import { accountLimit, type Stage } from "./stage.ts";
import {
  accountProblemOf,
  artifactsVerdict,
  problemsOf,
  repeatsVerdict,
  type RepeatsVerdict,
} from "./verdict.ts";

export interface ExamineOptions {
  readonly seed: number;
  readonly runs: number;
  readonly outages: readonly Outage[];
  /** Names of the workers that did not stop when they had to. */
  readonly stuck: readonly string[];
}

/** The results of all runs. */
export interface Findings {
  readonly succeeded: number;
  /** Runs that ended otherwise. */
  readonly failed: number;
  /** Runs that have not ended. */
  readonly lost: number;
  readonly deadLetters: number;
  /** Number of executions of all runs together. */
  readonly executions: number;
  readonly kills: number;
  readonly outages: readonly Outage[];
  readonly requests: number;
  /** Requests that the sandbox refused, for any reason. */
  readonly refused: number;
  readonly callsInFlightAtKills: number;
  readonly repeats: RepeatsVerdict;
  readonly artifacts: number;
  readonly doubledArtifacts: number;
  readonly effects: number;
  /** Requests to the external system. Those beyond `effects` repeated an idempotency key. */
  readonly effectRequests: number;
  /** Maximum number of requests in one window of the account's limit. */
  readonly fullestWindow: number;
  /** Requests that the sandbox refused because of the limit, plus those above the limit in the busiest window. */
  readonly windowViolations: number;
  readonly leftInQueue: number;
  /** Workers that ended without being killed, while the database was available. */
  readonly ownDeaths: readonly OwnDeath[];
  readonly stuck: readonly string[];
  /** What is wrong with runs, as sentences that begin with the id of the run. */
  readonly problems: readonly string[];
  readonly accountProblems: readonly string[];
  /** The lines that workers printed on standard error. */
  readonly complaints: readonly string[];
}

/** Compares the records of the sandbox, the tables, the files and the external system. */
export async function examine(stage: Stage, options: ExamineOptions): Promise<Findings> {
  const { world, runtime, fleet } = stage;
  const { outages, stuck } = options;
  const runs = await runsOf(runtime, options.runs);
  const evidence = await gatherEvidence(runs, runtime.database, stage.artifacts);
  const calls = callsOf(stage, options);
  const callsByRun = Map.groupBy(calls, ({ run }) => run);
  const byId = new Map(calls.map((call) => [call.id, call]));
  const keptAt = new Map(
    evidence.flatMap(({ kept }) => kept.map(({ generationId, at }) => [generationId, at])),
  );
  const circumstances = { kills: fleet.kills, outages, kept: new Set(keptAt.keys()) };
  const effectsByRun = Map.groupBy(world.effects, ({ run }) => run);

  const problems: string[] = [];
  const accountProblems: string[] = [];
  let doubledArtifacts = 0;
  for (const one of evidence) {
    const { id } = one.run;
    const fact = factOf(Number(id.slice("run-".length)), options.seed);
    const left = artifactsVerdict(one, fact, effectsByRun.get(id) ?? []);
    doubledArtifacts += left.doubled;
    const found = [...problemsOf(one, fact, callsByRun.get(id) ?? []), ...left.problems];
    problems.push(...found.map((problem) => `${id}: ${problem}`));
    const accountProblem = accountProblemOf(one, byId);
    if (accountProblem !== undefined) accountProblems.push(`${id}: ${accountProblem}`);
  }
  if (runs.length !== options.runs) problems.push(`${runs.length} runs are in the database`);

  const fullest = fullestWindowOf(calls);
  const refusedForLimit = calls.filter(({ status }) => status === 429).length;
  const succeeded = runs.filter(({ status }) => status === "succeeded").length;
  const lost = options.runs - runs.filter(hasEnded).length;
  return {
    succeeded,
    failed: options.runs - succeeded - lost,
    lost,
    deadLetters: runs.filter(({ isDeadLetter }) => isDeadLetter).length,
    executions: runs.reduce((sum, { executions }) => sum + executions, 0),
    kills: fleet.kills.length,
    outages,
    requests: calls.length,
    refused: calls.filter(({ status }) => status >= 400).length,
    callsInFlightAtKills: calls.filter(
      (call) => call.status < 400 && wasInFlight(call, circumstances),
    ).length,
    repeats: repeatsVerdict(calls, keptAt, circumstances),
    artifacts: evidence.reduce((sum, { artifacts }) => sum + artifacts.length, 0),
    doubledArtifacts,
    effects: world.effects.length,
    effectRequests: world.requests,
    fullestWindow: fullest,
    windowViolations: refusedForLimit + Math.max(0, fullest - accountLimit.requests),
    leftInQueue: await leftInQueue(runtime.database),
    ownDeaths: fleet.ownDeaths.filter(({ at }) => !outages.some((outage) => isIn(outage, at))),
    stuck,
    problems,
    accountProblems,
    complaints: fleet.complaints,
  };
}

async function runsOf(runtime: Runtime, count: number): Promise<readonly Run[]> {
  const { runs } = await runtime.list({ limit: count + 1 });
  return runs;
}

function callsOf({ sandbox }: Stage, { runs, seed }: ExamineOptions): BookedCall[] {
  const names = new Map(
    Array.from({ length: runs }, (_, index) => [factOf(index, seed).name, `run-${index}`]),
  );
  const runOf = (text: string) => names.get(/lighthouse of (\w+)/.exec(text)?.[1] ?? "") ?? "none";
  return sandbox.books.entries.map((entry) => bookedCall(entry, runOf));
}

/** Maximum delay between sending and arrival of a request, on a machine with two cores that runs all processes. */
const arrivalMs = 100;

/** Counts the requests that the sandbox accepted, by the time of their arrival. */
function fullestWindowOf(calls: readonly BookedCall[]): number {
  const admitted = calls.filter(({ status }) => status !== 429);
  const instants = admitted.map(({ startedAt }) => startedAt);
  return fullestWindow(instants, accountLimit.windowMs - arrivalMs);
}

/** Whether a worker ended in an outage: one that starts without a database can end a little after the outage. */
function isIn({ from, to }: Outage, at: number): boolean {
  return from <= at && at <= to + 5000;
}
