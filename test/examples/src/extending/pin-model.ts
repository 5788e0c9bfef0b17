import { onRequestEnd, type Policy } from "@orchestra/core";
import { LRUCache } from "lru-cache";

/** The first model that answers a run serves the rest of the run. */
export function pinModel({ maxRuns = 10_000 } = {}): Policy {
  const models = new LRUCache<string, string>({ max: maxRuns });
  return (next, { routes, scope: { runId }, log }) => {
    return (attempt) => {
      // A stream that starts again has chosen its next route already.
      const pinned = log.attempts.length === 0 ? models.get(runId) : undefined;
      const route = routes.find(({ model }) => model === pinned) ?? attempt.route;
      return onRequestEnd(next({ ...attempt, route }), () => {
        const answeredBy = log.answeredBy?.model;
        if (answeredBy !== undefined && !models.has(runId)) models.set(runId, answeredBy);
      });
    };
  };
}
