import { describeFailure } from "../api/request-failure.ts";
import type { LiveResult } from "./live-result.ts";
import type { Probe } from "./probes.ts";
import { differences, shapeOf } from "./shape.ts";
import type { Observation, Target } from "./target.ts";

/**
 * Sends one request to both servers, and compares the forms of the answers.
 *
 * @param last - The last answers of a model, by both servers.
 * @param maxCostUsd - Maximum cost of a request. It is counted if the answer does not state a cost.
 * @throws the signal's reason on an abort
 */
export async function compare(
  probe: Probe,
  real: Target,
  expected: Target,
  last: readonly [Observation, Observation] | undefined,
  maxCostUsd: number,
  signal: AbortSignal,
): Promise<{ result: LiveResult; observed?: readonly [Observation, Observation] }> {
  const { id, title } = probe;
  try {
    const answer = await probe.run(real, signal, last?.[0]);
    const expectedAnswer = await probe.run(expected, signal, last?.[1]);
    const isCostKnown = answer.costUsd > 0 || !probe.isPaid || answer.status >= 400;
    const costUsd = isCostKnown ? answer.costUsd : maxCostUsd;
    const found = [
      ...statusDifferences(answer, expectedAnswer),
      ...differences(shapeOf(answer.body), shapeOf(expectedAnswer.body)),
    ];
    const isComparable = hasSucceeded(answer) === hasSucceeded(expectedAnswer);
    const outcome = !isComparable ? "failed" : found.length > 0 ? "different" : "same";
    const result = { id, title, outcome, differences: found, costUsd } as const;
    return { result, observed: [answer, expectedAnswer] };
  } catch (error) {
    signal.throwIfAborted();
    const { message } = describeFailure(error);
    // The server may have answered, and charged for an answer that was lost.
    const costUsd = probe.isPaid ? maxCostUsd : 0;
    return { result: { id, title, outcome: "failed", differences: [message], costUsd } };
  }
}

function hasSucceeded({ status }: Observation): boolean {
  return status < 400;
}

function statusDifferences(
  { status, body }: Observation,
  { status: expected }: Observation,
): readonly string[] {
  if (status === expected) return [];
  const { error } = (body ?? {}) as { readonly error?: { readonly message?: unknown } };
  const message = typeof error?.message === "string" ? `: ${error.message}` : "";
  return [`HTTP ${status}${message}; the sandbox answers ${expected}`];
}
