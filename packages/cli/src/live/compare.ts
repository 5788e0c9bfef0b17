import { describeFailure } from "../api/request-failure.ts";
import type { LiveResult } from "./live-result.ts";
import type { Probe } from "./probes.ts";
import { differences, shapeOf } from "./shape.ts";
import type { Observation, Target } from "./target.ts";

/**
 * Sends one request to both servers, and compares the forms of the answers.
 *
 * @param last - The last answers of a model, by both servers.
 * @param worstUsd - Maximum cost of a request. It is counted if the answer does not state a cost.
 * @throws the signal's reason on an abort
 */
export async function compare(
  probe: Probe,
  real: Target,
  expected: Target,
  last: readonly [Observation, Observation] | undefined,
  worstUsd: number,
  signal: AbortSignal,
): Promise<{ result: LiveResult; observed?: readonly [Observation, Observation] }> {
  const { id, title } = probe;
  try {
    const there = await probe.run(real, signal, last?.[0]);
    const here = await probe.run(expected, signal, last?.[1]);
    const isCostKnown = there.costUsd > 0 || !probe.isPaid || there.status >= 400;
    const costUsd = isCostKnown ? there.costUsd : worstUsd;
    const found = [
      ...(there.status === here.status ? [] : [statusDifference(there, here)]),
      ...differences(shapeOf(there.body), shapeOf(here.body)),
    ];
    const outcome =
      isAnswer(there) === isAnswer(here) ? (found.length === 0 ? "same" : "different") : "failed";
    const result = { id, title, outcome, differences: found, costUsd } as const;
    return { result, observed: [there, here] };
  } catch (error) {
    signal.throwIfAborted();
    const { message } = describeFailure(error);
    // The server may have answered, and charged for an answer that was lost.
    const costUsd = probe.isPaid ? worstUsd : 0;
    return { result: { id, title, outcome: "failed", differences: [message], costUsd } };
  }
}

function isAnswer({ status }: Observation): boolean {
  return status < 400;
}

function statusDifference(
  { status, body }: Observation,
  { status: expected }: Observation,
): string {
  const { error } = (body ?? {}) as { readonly error?: { readonly message?: unknown } };
  const said = typeof error?.message === "string" ? `: ${error.message}` : "";
  return `HTTP ${status}${said}; the sandbox answers ${expected}`;
}
