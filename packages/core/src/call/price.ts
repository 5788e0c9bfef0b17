import type { RequestEnd } from "../completions/index.ts";
import { estimateCost } from "../resilience/budget/index.ts";
import type { ModelInfo, Route } from "../routes/index.ts";
import type { LateUsage, ResponseMetadata } from "../usage/response-metadata.ts";
import { addUsd, type Usage } from "../usage/usage.ts";
import { isJoined } from "./join-costs.ts";
import type { Reconciler } from "./reconciler.ts";

/**
 * Finds the cost of a request whose response did not report it: from the catalog's prices if the server reports only
 * tokens, by usage that arrives after the answer, and by `GET /generation` for an answer that was cut off.
 *
 * @returns the metadata with its cost, or with a promise of it; unchanged if the cost stays unknown
 */
export function price(
  { metadata, error }: RequestEnd,
  route: Route,
  reconciler: Reconciler,
): ResponseMetadata {
  const { usage, gatewayTarget } = metadata;
  if (isJoined(metadata)) return metadata;
  const id = generationOf(metadata, route);
  // If the answer was cut off, the reported usage may cover only its beginning.
  if (!usage || (error && id !== undefined)) {
    const lateUsage = lookUp(metadata, id, route, reconciler);
    return lateUsage ? { ...metadata, usage: undefined, lateUsage } : metadata;
  }
  if (route.via === "direct") return metadata;
  const costUsd = costOf(usage, route.cachedModelInfo(gatewayTarget));
  if (costUsd !== undefined) {
    return { ...metadata, usage: { ...usage, costUsd }, costSource: "catalog" };
  }
  return { ...metadata, lateUsage: withPrice(usage, metadata, route, reconciler) };
}

/** The id by which OpenRouter returns the cost of a request. */
function generationOf(
  { generationId, status }: ResponseMetadata,
  { via }: Route,
): string | undefined {
  // An answer that was cut off before its cost arrived is charged too.
  const isRefused = status !== undefined && status >= 400;
  if (isRefused || via !== "openrouter") return undefined;
  // Other servers use other ids, and have no such request.
  return generationId?.startsWith("gen-") ? generationId : undefined;
}

/** The usage of a request that becomes known after its response. */
function lookUp(
  metadata: ResponseMetadata,
  id: string | undefined,
  route: Route,
  reconciler: Reconciler,
): Promise<LateUsage | undefined> | undefined {
  const { usage, lateUsage } = metadata;
  if (!lateUsage && id === undefined) return undefined;
  const find = async () => {
    const said = (await lateUsage) ?? (id === undefined ? undefined : await reconciler.find(id));
    const late = said ?? (usage && { usage });
    if (!late || late.costSource || route.via === "direct") return late;
    return (await withPrice(late.usage, metadata, route, reconciler)) ?? late;
  };
  return find();
}

/** The usage with its price from the catalog, which may have to be loaded; `undefined` if it has none. */
async function withPrice(
  usage: Usage,
  { gatewayTarget }: ResponseMetadata,
  route: Route,
  reconciler: Reconciler,
): Promise<LateUsage | undefined> {
  const info = await reconciler.untilKnown(async () => {
    const known = await route.modelInfo(gatewayTarget);
    return known.isMissing ? undefined : known;
  });
  const costUsd = info && costOf(usage, info);
  return costUsd === undefined
    ? undefined
    : { usage: { ...usage, costUsd }, costSource: "catalog" };
}

/**
 * The price from the catalog; with the user's own provider key, plus OpenRouter's fee, which is all that is known.
 *
 * @returns `undefined` if no price is known, or if the usage is incomplete
 */
function costOf(usage: Usage, { promptUsd, completionUsd, requestUsd }: ModelInfo) {
  const { promptTokens, completionTokens: maxTokens, costUsd: feeUsd } = usage;
  // Every answer has a prompt: a server that reports no prompt tokens has omitted them.
  if (promptTokens === 0) return undefined;
  const usd = estimateCost({ promptTokens, maxTokens, promptUsd, completionUsd, requestUsd });
  return usd === undefined ? undefined : addUsd(usd, feeUsd);
}
