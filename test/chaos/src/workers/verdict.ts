import { hasEnded } from "@orchestra/runtime";
import { problemOf, type Fact } from "../facts.ts";
import { judge } from "../outcome.ts";
import { repeatsAmong, wasInFlight, type BookedCall, type Circumstances } from "./booked-calls.ts";
import type { RunEvidence } from "./evidence.ts";
import type { Kill } from "./fleet.ts";
import type { Effect } from "./outside-world.ts";
import { callsPerRun } from "./pipeline.ts";

/** Returns what is wrong with one run; an empty list for a correct one. */
export function problemsOf(
  { run, numbers, ends }: RunEvidence,
  fact: Fact,
  calls: readonly BookedCall[],
): string[] {
  if (!hasEnded(run)) return [`it is ${run.status} and has not ended`];
  const problems: string[] = [];
  if (run.status === "succeeded") {
    const { answer, citations } = run.output as Output;
    const outcome = judge({ text: answer, citations }, fact);
    if (outcome.kind === "wrong") problems.push(outcome.why);
  } else problems.push(`it ${run.status}: ${run.error?.code} ${run.error?.message}`);
  if (ends !== 1) problems.push(`it ended ${ends} times`);
  if (numbers.some((number, index) => number !== index + 1) || numbers.length !== run.lastEvent) {
    problems.push(`its ${numbers.length} events have gaps, the last is ${run.lastEvent}`);
  }
  const different = new Set(calls.map(({ request }) => request)).size;
  if (different !== callsPerRun) problems.push(`it asked ${different} things, not ${callsPerRun}`);
  return problems;
}

interface Output {
  readonly answer: string;
  readonly citations: readonly { path: string; line: number; quote: string }[];
}

/** Counts files and effects of a run beyond one of each, and returns what is missing or wrong. */
export function artifactsVerdict(
  { run, artifacts }: RunEvidence,
  fact: Fact,
  effects: readonly Effect[],
): { readonly doubled: number; readonly problems: readonly string[] } {
  const [artifact] = artifacts;
  const [effect] = effects;
  const doubled = Math.max(0, artifacts.length - 1) + Math.max(0, effects.length - 1);
  const problems: string[] = [];
  // A lost run may have ended before that.
  if (!hasEnded(run)) return { doubled, problems };
  if (!artifact) problems.push("it left no artifact");
  else if (!effect) problems.push("the world never heard of it");
  else {
    const isAnnounced = effect.path === artifact.path && effect.sha256 === artifact.sha256;
    if (!isAnnounced) problems.push(`the world heard of another ${effect.path}`);
    // The file has a heading, the answer and the sources: the answer is the second paragraph.
    const problem = problemOf(artifact.text.split("\n\n")[1] ?? "", fact);
    if (problem !== undefined) problems.push(`its artifact is wrong: ${problem}`);
    if (!artifact.text.endsWith("”\n")) problems.push("its artifact is cut short");
  }
  if (effects.some(({ run: id }) => id !== run.id)) problems.push("it announced another run's");
  return { doubled, problems };
}

/** The repeated calls, and those among them that are errors. */
export interface RepeatsVerdict {
  readonly repeated: number;
  /** Calls that were repeated although the earlier call was not in flight at a kill. */
  readonly unexcused: readonly string[];
  /** Calls that were repeated although the journal had the answer. */
  readonly needless: readonly string[];
  /** The longest time between an answer and the kill that lost it, in milliseconds. */
  readonly latestLossMs: number;
}

/** @param keptAt - When each answer was stored, by its generation id, in milliseconds since the epoch. */
export function repeatsVerdict(
  calls: readonly BookedCall[],
  keptAt: ReadonlyMap<string, number>,
  circumstances: Circumstances,
): RepeatsVerdict {
  const unexcused: string[] = [];
  const needless: string[] = [];
  let repeated = 0;
  let latestLossMs = 0;
  for (const group of repeatsAmong(calls)) {
    const kept = group.find(({ id }) => keptAt.has(id));
    for (const [index, again] of group.slice(1).entries()) {
      const before = group[index] as BookedCall;
      const kill = circumstances.kills.find(({ worker }) => worker === before.worker);
      const words = wordsFor(before, again, kill);
      repeated += 1;
      if (!wasInFlight(before, circumstances)) unexcused.push(words);
      else if (kill) latestLossMs = Math.max(latestLossMs, kill.at - before.endedAt);
      if (kept && again.startedAt > (keptAt.get(kept.id) ?? Infinity)) needless.push(words);
    }
  }
  return { repeated, unexcused, needless, latestLossMs };
}

function wordsFor(before: BookedCall, again: BookedCall, kill: Kill | undefined): string {
  const since = (at: number) => `${at - before.startedAt} ms`;
  const end = before.isCutOff ? "was cut off" : "was answered";
  return `${again.run}: ${before.id} by ${before.worker} ${end} after ${since(before.endedAt)}, its worker killed after ${kill ? since(kill.at) : "no time"}; again by ${again.worker} after ${since(again.startedAt)}`;
}

/** Compares the usage of a run with that of its stored answers, by the records of the sandbox. */
export function accountProblemOf(
  { run: { usage }, kept }: RunEvidence,
  byId: ReadonlyMap<string, BookedCall>,
): string | undefined {
  const paid = kept.flatMap(({ generationId }) => byId.get(generationId) ?? []);
  const promptTokens = paid.reduce((sum, call) => sum + call.promptTokens, 0);
  const completionTokens = paid.reduce((sum, call) => sum + call.completionTokens, 0);
  const isRight =
    usage.calls === paid.length &&
    usage.promptTokens === promptTokens &&
    usage.completionTokens === completionTokens;
  return isRight
    ? undefined
    : `its account has ${usage.calls} calls, ${usage.promptTokens}+${usage.completionTokens} tokens; the books ${paid.length}, ${promptTokens}+${completionTokens}`;
}
