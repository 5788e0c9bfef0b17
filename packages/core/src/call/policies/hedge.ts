import { hedge as race } from "../../resilience/hedge/index.ts";
import type { Policy } from "../chain.ts";

/** Sends a second request if the first one is slow (`LLM_HEDGE_AFTER`). */
export const hedge: Policy = (next, { role, log, services }) => {
  const { hedgeAfterMs, latencies, clock } = services;
  if (hedgeAfterMs === undefined) return next;
  return (attempt) => {
    const afterMs = hedgeAfterMs === "p95" ? latencies?.p95(role) : hedgeAfterMs;
    return race(
      (index, signal) => {
        const waitedMs = index === 0 ? attempt.waitedMs : 0;
        return next({ ...attempt, signal, waitedMs });
      },
      {
        afterMs,
        clock,
        signal: attempt.signal,
        onHedge: () => {
          log.emit({ type: "hedge", model: attempt.route.model, afterMs: Math.ceil(afterMs ?? 0) });
        },
        endOf: (answer) => (answer.kind === "stream" ? (done) => answer.onEnd(done) : undefined),
      },
    );
  };
};
