import { dialectModel } from "../dialects/dialect.ts";
import { DIALECTS } from "../dialects/dialects.ts";
import { FAULT_MODELS, faultOfModelName } from "../faults/fault-models.ts";
import type { Model } from "./model.ts";
import { ALL_PARAMETERS, REAL_MODELS } from "./real-models.ts";

/** The model that answers by extraction, for free. */
export const EXTRACTIVE_MODEL: Model = {
  id: "sandbox/extractive",
  name: "Sandbox: Extractive",
  description:
    "No language model. It searches, picks and quotes sentences from the material of the request, " +
    "fills the JSON schema that it is given, and says so when nothing fits.",
  provider: "Sandbox",
  contextLength: 1_000_000,
  maxCompletionTokens: 65_536,
  prices: { prompt: 0, completion: 0 },
  supportedParameters: ALL_PARAMETERS,
};

/** Fault models have the price of a small model, because fallbacks from a free one follow other rules. */
const PAID: Pick<Model, "prices"> = {
  prices:
    REAL_MODELS.find(({ id }) => id === "openai/gpt-4o-mini")?.prices ?? EXTRACTIVE_MODEL.prices,
};

const faultModels: readonly Model[] = FAULT_MODELS.map(({ id, description }) => ({
  ...EXTRACTIVE_MODEL,
  ...PAID,
  id,
  name: `Sandbox: ${id.slice("sandbox/".length)}`,
  description: `${description} Otherwise as ${EXTRACTIVE_MODEL.id}: no language model.`,
}));

const dialectModels: readonly Model[] = DIALECTS.map((dialect) => ({
  ...EXTRACTIVE_MODEL,
  ...PAID,
  id: dialectModel(dialect),
  name: `Sandbox: dialect ${dialect.name}`,
  description: `${dialect.description} Otherwise as ${EXTRACTIVE_MODEL.id}: no language model.`,
  dialect,
}));

/** Every model that `GET /models` lists. */
export const CATALOG: readonly Model[] = [
  EXTRACTIVE_MODEL,
  ...REAL_MODELS,
  ...faultModels,
  ...dialectModels,
];

const byId = new Map(CATALOG.map((model) => [model.id, model]));

/** Suffixes that select the provider of a model, and not another model. */
const ROUTING_SUFFIX = /:(?:nitro|floor|online|exacto)$/;

/** The model of that name; fault models may contain a number, as `sandbox/status-418`. */
export function findModel(id: string): Model | undefined {
  const known = byId.get(id);
  if (known !== undefined) return known;
  if (id === "openrouter/auto") return byId.get("openai/gpt-4o-mini");
  if (faultOfModelName(id) !== undefined) return { ...EXTRACTIVE_MODEL, ...PAID, id, name: id };
  const base = id.replace(ROUTING_SUFFIX, "");
  return base === id ? undefined : findModel(base);
}
