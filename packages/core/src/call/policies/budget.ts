import type { RequestEnd } from "../../completions/index.ts";
import { ModelError } from "../../errors/index.ts";
import { unlessAborted } from "../../resilience/index.ts";
import { estimateCost, type Reservation } from "../../resilience/budget/index.ts";
import type { ModelInfo } from "../../routes/index.ts";
import type { LateUsage } from "../../usage/response-metadata.ts";
import type { Usage } from "../../usage/usage.ts";
import type { Attempt } from "../attempt.ts";
import { onRequestEnd, type Policy } from "../chain.ts";
import { estimateRequest } from "../estimate-request.ts";
import { isUnbilled } from "../is-unbilled.ts";

/** Reserves the maximum cost of a request in all budgets, and afterwards books its real cost. */
export const budget: Policy = (next, { log, scope, services }) => {
  const { budget: limits, openRuns, reconciler } = services;
  const { runId, key } = scope;
  if (!limits) return next;
  const needsPrices = services.needsPrices || key?.budget !== undefined;
  return async (attempt) => {
    const { promptTokens, maxTokens } = estimateRequest(attempt.request);
    const tokens = promptTokens + maxTokens;
    openRuns?.touch(runId);
    let reservation: Reservation;
    let usd = 0;
    try {
      usd = needsPrices ? await maxCost(attempt, promptTokens, maxTokens) : 0;
      reservation = await limits.reserve({ usd, tokens }, { callId: log.id, runId, key });
    } catch (error) {
      if (!ModelError.isInstance(error) || error.kind !== "budget_error") throw error;
      const explained = withSize(error, promptTokens, maxTokens);
      log.emit({ type: "budget", model: attempt.route.model, message: explained.message });
      throw explained;
    }
    const settle = ({ costUsd, promptTokens, completionTokens }: Usage) =>
      reservation.settle({ usd: costUsd, tokens: promptTokens + completionTokens });
    const book = async (end: RequestEnd) => {
      const { usage, lateUsage } = end.metadata;
      if (usage && !(lateUsage && needsPrices)) await settle(usage);
      else if (lateUsage) {
        // If the price is not yet known, the tokens are booked, and the dollars stay reserved.
        reconciler.track(settleLate(lateUsage, usage && { usage }, settle, { usd, reservation }));
      } else if (isUnbilled(end.metadata.status, end.error)) await reservation.release();
      // A cost that stays unknown is booked as the estimate.
      else await reservation.keep();
    };
    return onRequestEnd(next(attempt), book, attempt.signal);
  };
};

/** The same error, with the assumed size of the request, if a budget did not cover it. */
function withSize(error: ModelError, promptTokens: number, maxTokens: number): ModelError {
  if (error.details.limitSource === undefined) return error;
  const advice = `Or make the request smaller: its prompt is estimated at ${promptTokens} tokens, its answer at ${maxTokens} (maxTokens).`;
  return new ModelError(`${error.message} ${advice}`, error.details);
}

async function settleLate(
  lateUsage: Promise<LateUsage | undefined>,
  known: LateUsage | undefined,
  settle: (usage: Usage) => Promise<void>,
  { usd, reservation }: { readonly usd: number; readonly reservation: Reservation },
): Promise<void> {
  const late = (await lateUsage.catch(() => undefined)) ?? known;
  // After any failure, unknown usage is booked as the estimate.
  if (!late) await reservation.keep();
  else await settle(late.costSource ? late.usage : { ...late.usage, costUsd: usd });
}

/** Fields of OpenRouter that name models. */
interface NamedModels {
  readonly models?: readonly string[] | null;
  readonly preset?: string | null;
}

/**
 * The maximum cost with the most expensive of the models that may answer. OpenRouter can use each of a request's
 * `models`, and the model of a preset. A gateway can use each of its fallbacks.
 *
 * @throws {ModelError} `budget_error` for a model without a known price, because it could cost anything;
 * `connection_error`, which is retried, while the catalog cannot be loaded
 */
async function maxCost(
  { route, request, signal }: Attempt,
  promptTokens: number,
  maxTokens: number,
): Promise<number> {
  let info = route.cachedModelInfo();
  if (info.promptUsd === undefined) info = await unlessAborted(route.modelInfo(), signal);
  let usd = costOf(route.model, info, promptTokens, maxTokens);
  const { gatewayModels = [], otherModelInfo } = route;
  for (const [target, model] of gatewayModels.entries()) {
    const other = await unlessAborted(route.modelInfo(target), signal);
    usd = Math.max(usd, costOf(model, other, promptTokens, maxTokens));
  }
  const { models, preset } = request as NamedModels;
  const others = [...(models ?? []), ...(preset == null ? [] : [`@preset/${preset}`])];
  if (!otherModelInfo) return usd;
  for (const model of others) {
    const other = await unlessAborted(otherModelInfo(model), signal);
    usd = Math.max(usd, costOf(model, other, promptTokens, maxTokens));
  }
  return usd;
}

function costOf(model: string, info: ModelInfo, promptTokens: number, maxTokens: number): number {
  const { promptUsd, completionUsd, requestUsd } = info;
  const usd = estimateCost({ promptTokens, maxTokens, promptUsd, completionUsd, requestUsd });
  if (usd !== undefined) return usd;
  if (info.isMissing) {
    throw new ModelError(
      `The catalog of models could not be loaded, so the price of ${model} is not known. A budget in dollars needs it.`,
      { kind: "connection_error", model },
    );
  }
  const reason = info.isUnlisted ? "model_not_found" : undefined;
  const why = info.isUnlisted ? ": the catalog does not list the model" : "";
  throw new ModelError(
    `The price of ${model} is not known, so a budget in dollars cannot be enforced${why}. Use a model of OpenRouter's catalog, or a budget in tokens.`,
    { kind: "budget_error", reason, model },
  );
}
