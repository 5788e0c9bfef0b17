import type { RequestEnd } from "../../completions/index.ts";
import { onRequestEnd, type Policy } from "../chain.ts";
import { estimateRequest } from "../estimate-request.ts";

/** Waits until the account's rate limits allow a request, and learns from refusals. */
export const rateLimit: Policy = (next, { log, priority, services }) => {
  const { account, countsTokens } = services;
  return async (attempt) => {
    const { route, request, signal } = attempt;
    if (!route.countsAgainstAccount) return next(attempt);
    const { isFree } = route.cachedModelInfo();
    const isLimited = isFree || account.all.mayLimit;
    const slot =
      isLimited &&
      (await account.acquire({
        tokens: countsTokens ? sum(estimateRequest(request)) : 0,
        priority,
        signal,
        isFree,
        onWait: (waitMs) =>
          log.emit({ type: "rate-limit-wait", model: route.model, waitMs: Math.ceil(waitMs) }),
      }));
    const rateLimitedMs = slot ? slot.waitedMs : 0;
    const settle = async ({ metadata, error }: RequestEnd) => {
      const { usage, status } = metadata;
      const tokens = usage ? usage.promptTokens + usage.completionTokens : undefined;
      // The refusal is recorded first, so that the slot that it frees does not go to the next call before.
      try {
        const grantedAt = slot ? slot.grantedAt : undefined;
        if (error) {
          const refusal = await account.refused(error, { grantedAt, isFree });
          if (refusal) log.emit({ type: "refusal", model: route.model, ...refusal });
        }
      } finally {
        if (slot) await slot.settle({ tokens, isAnswered: status !== undefined });
      }
    };
    return onRequestEnd(next({ ...attempt, rateLimitedMs }), settle, signal);
  };
};

function sum(estimate: ReturnType<typeof estimateRequest>): number {
  return estimate.promptTokens + estimate.maxTokens;
}
