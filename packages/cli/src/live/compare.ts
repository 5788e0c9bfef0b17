import { describeFailure } from "../api/request-failure.ts";
import type { LiveResult } from "./live-result.ts";
import type { Probe } from "./probes.ts";
import { differences, shapeOf } from "./shape.ts";
import type { Observation, Target } from "./target.ts";

/** Sends one request to both servers, and compares the answers. */
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
    const isSettled = there.costUsd > 0 || !probe.isPaid || there.status >= 400;
    // What an answer does not say is taken for the most that it can be.
    const costUsd = isSettled ? there.costUsd : worstUsd;
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
    // It may have been answered, and the answer lost.
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
