import type { RequestEnd } from "../completions/index.ts";
import type { ModelInfo, Route } from "../routes/index.ts";
import type { ResponseMetadata } from "../usage/response-metadata.ts";
import type { Usage } from "../usage/usage.ts";
import type { Reconciler } from "./reconciler.ts";

/**
 * Finds out what a request cost whose response did not say so: by the catalog's prices where a server
 * reports tokens alone, and by `GET /generation` for an answer that was cut off.
 *
 * @returns the metadata with its cost, or with a promise of it; as it is where nothing can tell
 */
export function price(
  { metadata }: RequestEnd,
  route: Route,
  reconciler: Reconciler,
): ResponseMetadata {
  const { usage, generationId, status, gatewayTarget } = metadata;
  if (!usage) {
    // An answer that had begun, and was cut off before it said what it cost, was paid all the same.
    const isRefused = status !== undefined && status >= 400;
    if (isRefused || route.via !== "openrouter" || !isOfOpenRouter(generationId)) return metadata;
    return { ...metadata, lateUsage: reconciler.find(generationId) };
  }
  if (route.via === "direct") return metadata;
  const costUsd = costOf(usage, route.cachedModelInfo(gatewayTarget));
  if (costUsd !== undefined) {
    return { ...metadata, usage: { ...usage, costUsd }, costSource: "catalog" };
  }
  const lateUsage = route.modelInfo(gatewayTarget).then((info) => {
    const late = costOf(usage, info);
    return late === undefined ? undefined : { ...usage, costUsd: late };
  });
  return { ...metadata, lateUsage };
}

/** Other servers name their answers otherwise, and cannot be asked for them. */
function isOfOpenRouter(generationId: string | undefined): generationId is string {
  return generationId?.startsWith("gen-") ?? false;
}

/** @returns `undefined` where no price is known */
function costOf(
  { promptTokens, completionTokens }: Usage,
  { promptUsd, completionUsd }: ModelInfo,
): number | undefined {
  if (promptUsd === undefined || completionUsd === undefined) return undefined;
  return promptTokens * promptUsd + completionTokens * completionUsd;
}
