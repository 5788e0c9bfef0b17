import { keepingMs } from "./booked-calls.ts";
import type { WorkerChaosResult } from "./run.ts";
import { accountLimit } from "./stage.ts";

/** Whether all requirements hold. */
export function isWell(result: WorkerChaosResult): boolean {
  const { repeats, options } = result;
  const wrong = [
    options.runs - result.succeeded,
    result.lost,
    result.deadLetters,
    result.doubledArtifacts,
    result.windowViolations,
    result.refused,
    result.leftInQueue,
    Math.max(0, repeats.repeated - result.callsInFlightAtKills),
  ];
  const lists = [
    repeats.unexcused,
    repeats.needless,
    result.problems,
    result.accountProblems,
    result.ownDeaths,
    result.stuck,
  ];
  return wrong.every((count) => count === 0) && lists.every(({ length }) => length === 0);
}

/** The result as JSON, for programs. */
export function summary(result: WorkerChaosResult) {
  const { options, repeats, outages } = result;
  const { runs, workers, seed, concurrency, killEveryMs } = options;
  return {
    seed,
    runs,
    workers,
    concurrency,
    killEveryMs,
    succeeded: result.succeeded,
    failed: result.failed,
    lost: result.lost,
    kills: result.kills,
    databaseRestarts: outages.length,
    databaseAwayMs: outages.reduce((sum, { from, to }) => sum + to - from, 0),
    executions: result.executions,
    requests: result.requests,
    refusedRequests: result.refused,
    callsInFlightAtKills: result.callsInFlightAtKills,
    repeatedCalls: repeats.repeated,
    repeatedCallsNotInFlight: repeats.unexcused.length,
    repeatedCallsOfKeptAnswers: repeats.needless.length,
    inFlightUntilMs: keepingMs,
    latestLostAnswerMs: repeats.latestLossMs,
    artifacts: result.artifacts,
    doubledArtifacts: result.doubledArtifacts,
    effects: result.effects,
    repeatedEffectRequests: result.effectRequests - result.effects,
    limit: accountLimit,
    fullestWindow: result.fullestWindow,
    windowViolations: result.windowViolations,
    deadLetters: result.deadLetters,
    leftInQueue: result.leftInQueue,
    accountMismatches: result.accountProblems.length,
    workersThatEndedByThemselves: result.ownDeaths.length,
    workersThatDidNotStop: result.stuck.length,
    durationMs: result.durationMs,
    isWell: isWell(result),
    details: detailsOf(result).slice(0, 50),
  };
}

/** The result as text, for people. */
export function report(result: WorkerChaosResult): string {
  const { options, repeats, outages } = result;
  const away = outages.reduce((sum, { from, to }) => sum + to - from, 0);
  return [
    `runs       ${result.succeeded} succeeded, ${result.failed} failed, ${result.lost} lost, ${result.deadLetters} dead letters; ${result.executions} executions`,
    `workers    ${options.workers}, ${result.kills} killed, ${result.ownDeaths.length} ended by themselves, ${result.stuck.length} did not stop`,
    `database   ${outages.length} restarts, not available for ${away} ms, ${result.leftInQueue} jobs left in the queue`,
    `calls      ${result.requests} requests, ${result.refused} refused, ${result.callsInFlightAtKills} in flight at a kill`,
    `repeated   ${repeats.repeated} calls, ${repeats.unexcused.length} of them not in flight at a kill, ${repeats.needless.length} of them with a stored answer`,
    `artifacts  ${result.artifacts} files, ${result.effects} announced by ${result.effectRequests} requests, ${result.doubledArtifacts} duplicates`,
    `limit      ${accountLimit.requests} requests in ${accountLimit.windowMs} ms, ${result.fullestWindow} in the busiest window, ${result.windowViolations} violations`,
    `accounts   ${result.accountProblems.length} differ from the sandbox's records`,
    ...detailsOf(result)
      .slice(0, 30)
      .map((detail) => `WRONG ${detail}`),
    `${options.runs} runs, seed ${options.seed}, ${(result.durationMs / 1000).toFixed(1)} s: ${isWell(result) ? "passed" : "FAILED"}`,
  ].join("\n");
}

function detailsOf(result: WorkerChaosResult): string[] {
  const { repeats, ownDeaths, stuck } = result;
  const fallen = ownDeaths.map(({ worker, how, words }) => `${worker} ended by ${how}: ${words}`);
  const details = [
    ...repeats.unexcused.map((words) => `not in flight, ${words}`),
    ...repeats.needless.map((words) => `the answer was stored, ${words}`),
    ...fallen,
    ...stuck.map((worker) => `${worker} did not stop`),
    ...result.problems,
    ...result.accountProblems,
  ];
  return isWell(result) ? details : [...details, ...mostFrequent(result.complaints)];
}

function mostFrequent(lines: readonly string[]): string[] {
  const groups = Map.groupBy(lines, (line) => line);
  return [...groups]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .slice(0, 10)
    .map(([line, { length }]) => `workers printed ${length} times: ${line}`);
}
