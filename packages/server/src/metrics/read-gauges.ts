import type { RateLimiter } from "@orchestra/core";
import { CachedState } from "../health/cached-state.ts";
import type { Metrics } from "./definitions.ts";
import type { MetricsSources } from "./sources.ts";

/** Minimum interval between two queries of the database, regardless of how often the metrics are read. */
const maxAgeMs = 5000;

/** Creates the function that reads state without events, when the metrics are read. */
export function gaugeReader({
  gateway,
  runtime,
  calls,
}: MetricsSources): (metrics: Metrics) => Promise<void> {
  let state: CachedState<unknown> | undefined;
  const readRuns = async (metrics: Metrics): Promise<void> => {
    if (!runtime) return;
    const [{ queuedRuns, workers }, runs] = await Promise.all([
      runtime.load(),
      runtime.countByStatus(),
    ]);
    metrics.queue.set(queuedRuns);
    metrics.workers.set(workers);
    for (const [status, count] of Object.entries(runs)) metrics.runs.set({ status }, count);
  };
  const readLimits = async (metrics: Metrics): Promise<void> => {
    const { limiter, freeLimiter, all } = gateway.account;
    if (all.mayLimit) await readLimiter(metrics, "all", limiter);
    await readLimiter(metrics, "free_models", freeLimiter);
  };
  return async (metrics) => {
    metrics.requests.set(calls.size);
    // A value that cannot be read now keeps its last value.
    state ??= new CachedState(maxAgeMs, () =>
      Promise.allSettled([readRuns(metrics), readLimits(metrics)]),
    );
    await state.get();
  };
}

async function readLimiter(metrics: Metrics, limits: string, limiter: RateLimiter): Promise<void> {
  const { limit, remaining, waiting, inFlight } = await limiter.state();
  if (Number.isFinite(limit)) {
    metrics.window.set({ limits, kind: "limit" }, limit);
    metrics.window.set({ limits, kind: "used" }, limit - remaining);
  }
  metrics.limiterQueue.set({ limits, state: "waiting" }, waiting);
  metrics.limiterQueue.set({ limits, state: "in_flight" }, inFlight);
}
