import { findModel, readCatalog, type CatalogModel, type Settings } from "@orchestra/core/gateway";
import { isModelList, ApiClient } from "../api/api-client.ts";
import { formatUsd } from "../terminal/amounts.ts";
import { UsageError } from "../errors/usage-error.ts";
import { maxTokens, probes } from "./probes.ts";

/** Maximum cost of all requests together, in US dollars. */
export const budgetUsd = 0.05;
/** More than the tokens of the longest prompt. */
const maxPromptTokens = 500;

type Catalog = ReadonlyMap<string, CatalogModel>;

/**
 * The models of the server; empty if it has no list of models.
 *
 * @throws {Error} if the server does not answer
 */
export async function loadCatalog(settings: Settings, signal: AbortSignal): Promise<Catalog> {
  const reply = await new ApiClient(settings, 15_000, signal).models();
  if (reply.failure) {
    throw new Error(`${settings.baseUrl} does not answer: ${reply.failure.message}.`);
  }
  return isModelList(reply) ? readCatalog(reply.body) : new Map();
}

/** Maximum cost of one request, in US dollars; `undefined` if the price is not known. */
function maxCostOf(catalog: Catalog, id: string): number | undefined {
  const { promptUsd, completionUsd } = findModel(catalog, id) ?? {};
  if (promptUsd === undefined || completionUsd === undefined) return undefined;
  return promptUsd * maxPromptTokens + completionUsd * maxTokens;
}

/**
 * Maximum cost of one request to a model, in US dollars.
 *
 * @throws {UsageError} if the price is not known, or all requests could cost more than the budget
 */
export function requireMaxCost(catalog: Catalog, id: string): number {
  const maxCostUsd = maxCostOf(catalog, id);
  if (maxCostUsd === undefined) {
    throw new UsageError(
      `The price of ${id} is not known, so a budget cannot be enforced. Choose a model whose price the server lists: orchestra models lists them.`,
    );
  }
  if (maxCostUsd * probes.length <= budgetUsd) return maxCostUsd;
  throw new UsageError(
    `${id} could cost ${formatUsd(maxCostUsd * probes.length)}, more than the ${formatUsd(budgetUsd)} that are allowed. Choose a cheaper model with --live-model.`,
  );
}

/** Maximum cost of the first fallback, by OpenRouter's price for the same model; `undefined` if that is not known. */
export function maxFallbackCost(
  catalog: Catalog,
  { fallbacks: [first] }: Settings,
): number | undefined {
  if (!first) return undefined;
  const { provider, model } = first;
  return maxCostOf(catalog, provider === "openrouter" ? model : `${provider}/${model}`);
}
