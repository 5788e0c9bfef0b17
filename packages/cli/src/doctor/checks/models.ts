import { findModel, readCatalog, type CatalogModel, type Settings } from "@orchestra/core/gateway";
import { modelIds } from "@orchestra/core/extend";
import { defineCheck, ok, skipped, type Result } from "../check.ts";
import type { DoctorContext } from "../doctor-context.ts";
import type { RoleModelId } from "../roles.ts";
import { roleVariables, skipInvalid } from "./skip-invalid.ts";
import { isModelList, type DocumentModality } from "../../api/api-client.ts";
import { formatPrice } from "../../terminal/amounts.ts";

type Catalog = ReadonlyMap<string, CatalogModel>;

/**
 * The models that the server lists, for chat or for documents.
 *
 * @returns `undefined` if it lists none, or does not answer
 */
async function catalogOf(
  context: DoctorContext,
  modality?: DocumentModality,
): Promise<Catalog | undefined> {
  const api = await context.api();
  const reply = await (modality ? api?.modelsFor[modality] : api?.models)?.();
  if (!reply || reply.failure || !isModelList(reply)) return undefined;
  const catalog = readCatalog(reply.body);
  return catalog.size > 0 ? catalog : undefined;
}

const roleProblems = {
  unknown: {
    severity: "error",
    remedy:
      "Choose an id of https://openrouter.ai/models (orchestra models lists them), and set it in AGENT_MODEL_MAP, OPENROUTER_DEFAULT_MODEL or the agent of the config.",
  },
  "no-tools": {
    severity: "error",
    remedy:
      "Give the researcher a model that calls tools: orchestra models --tools lists them. Without tools it cannot search documents.",
  },
  "no-schema": {
    severity: "note",
    remedy:
      "A model with structured_outputs answers more reliably: orchestra models --structured lists them. Orchestra asks this one for JSON, and repairs it.",
  },
  "small-context": {
    severity: "warning",
    remedy: "Give the role a model with a context of 8,192 tokens or more.",
  },
} as const;

type RoleProblem = keyof typeof roleProblems;

const roles = defineCheck({
  id: "models/roles",
  title: "The model of each role",
  needsNetwork: true,
  problems: roleProblems,
  run: async (context) => {
    const found = await context.settings();
    const invalid = skipInvalid(found, ...roleVariables);
    if (invalid) return invalid;
    const catalog = await catalogOf(context);
    if (!catalog) return skipped("The server has no list of models.");
    const judged = (await context.roles()).flatMap((role) =>
      judge(role, catalog).map((result) => ({ role: role.role, result })),
    );
    // Roles with the same result get one line.
    const groups = Map.groupBy(judged, ({ result }) => result.message);
    return Array.from(groups.values(), (group) => {
      const names = group.map(({ role }) => role).join(", ");
      const [{ result }] = group as [(typeof group)[number]];
      return { ...result, message: `${names}: ${result.message}` };
    });
  },
});

/** Tokens for the prompt of a role with a few passages, and for the answer. */
const minContext = 8192;

/** The results for the model of a role. Their messages do not name the role. */
function judge({ model: id, needs }: RoleModelId, catalog: Catalog): Result<RoleProblem>[] {
  const model = findModel(catalog, id);
  if (!model) {
    // Presets and routers are valid models too, but not listed.
    if (/^(@preset\/|openrouter\/|~)/.test(id)) {
      return [...ok(`${id} is chosen by OpenRouter for each call.`)];
    }
    const nearest = modelIds.nearestModels(id, catalog.keys()).join(", ");
    const message = `the server has no model ${id}. Nearest: ${nearest}.`;
    return [{ problem: "unknown", message }];
  }
  const { supportedParameters: abilities, contextLength } = model;
  const results: Result<RoleProblem>[] = [];
  if (needs?.tools && abilities && !abilities.has("tools")) {
    results.push({ problem: "no-tools", message: `${id} does not call tools.` });
  }
  if (needs?.structuredOutputs && abilities && !abilities.has("structured_outputs")) {
    const message = `${id} does not support JSON schemas.`;
    results.push({ problem: "no-schema", message });
  }
  if (contextLength !== undefined && contextLength < minContext) {
    const message = `${id} has a context of ${contextLength} tokens.`;
    results.push({ problem: "small-context", message });
  }
  return results.length > 0 ? results : [...ok(`${id}, ${describe(model)}.`)];
}

function describe({ contextLength, promptUsd, completionUsd }: CatalogModel): string {
  const context =
    contextLength === undefined
      ? "context unknown"
      : `context ${contextLength.toLocaleString("en")} tokens`;
  if (promptUsd === undefined || completionUsd === undefined) return `${context}, price unknown`;
  if (promptUsd === 0 && completionUsd === 0) return `${context}, free`;
  return `${context}, ${formatPrice(promptUsd)} in and ${formatPrice(completionUsd)} out a million tokens`;
}

const fallbacks = defineCheck({
  id: "models/fallbacks",
  title: "The models of PORTKEY_FALLBACKS",
  needsNetwork: true,
  problems: {
    unknown: {
      severity: "warning",
      remedy:
        "Correct the model in PORTKEY_FALLBACKS. It is the provider's own name for the model: in OpenRouter's catalog, the part after provider/.",
    },
  },
  run: async (context) => {
    const found = await context.settings();
    const invalid = skipInvalid(found, "PORTKEY_FALLBACKS");
    if (invalid) return invalid;
    const { settings } = found;
    if (settings.fallbacks.length === 0) return skipped("There are no fallbacks.");
    const catalog = await catalogOf(context);
    if (!catalog) return skipped("The server has no list of models.");
    const unknown = unknownFallbacks(settings, catalog);
    if (unknown.length > 0) return unknown;
    return ok(`All ${settings.fallbacks.length} fallbacks are known models.`);
  },
});

/**
 * The fallbacks whose model OpenRouter does not list. Models of providers that OpenRouter does not have, of custom
 * hosts and of Portkey's catalog cannot be checked.
 */
function unknownFallbacks({ fallbacks: entries }: Settings, catalog: Catalog): Result<"unknown">[] {
  const authors = new Set([...catalog.keys()].map((id) => id.split("/")[0]));
  return entries.flatMap(({ provider, model, custom_host }): Result<"unknown">[] => {
    const id = provider === "openrouter" ? model : `${provider}/${model}`;
    const isKnowable = provider === "openrouter" || authors.has(provider);
    if (custom_host || !isKnowable || findModel(catalog, id)) return [];
    const message = `The fallback ${provider} has the model ${model}, which OpenRouter does not list. Nearest: ${modelIds.nearestModels(id, catalog.keys()).join(", ")}.`;
    return [{ problem: "unknown", message }];
  });
}

const documents = defineCheck({
  id: "models/documents",
  title: "The models of document search",
  needsNetwork: true,
  problems: {
    unknown: {
      severity: "warning",
      remedy:
        "Correct DOCUMENTS_EMBEDDING_MODEL or DOCUMENTS_RERANK_MODEL: https://openrouter.ai/models?output_modalities=embeddings,rerank lists the models. Until then, documents are searched by words.",
    },
  },
  run: async (context) => {
    const found = await context.settings();
    const invalid = skipInvalid(found, "DOCUMENTS_EMBEDDING_MODEL", "DOCUMENTS_RERANK_MODEL");
    if (invalid) return invalid;
    const { settings } = found;
    const { documentsEmbeddingModel, documentsRerankModel } = settings;
    const results = [
      await judgeForDocuments(context, "embeddings", documentsEmbeddingModel),
      await judgeForDocuments(context, "rerank", documentsRerankModel),
    ].flat();
    return results.length > 0
      ? results
      : skipped("No model is set: documents are searched by words.");
  },
});

async function judgeForDocuments(
  context: DoctorContext,
  modality: DocumentModality,
  id: string | undefined,
): Promise<readonly Result<"unknown">[]> {
  if (id === undefined || id.startsWith("@preset/")) return [];
  const catalog = await catalogOf(context, modality);
  if (!catalog) return skipped(`The server has no list of models for ${modality}.`);
  if (findModel(catalog, id)) return ok(`${modality}: ${id} is a known model.`);
  const nearest = modelIds.nearestModels(id, catalog.keys()).join(", ");
  const message = `The server has no model ${id} for ${modality}. Nearest: ${nearest}.`;
  return [{ problem: "unknown", message }];
}

export const modelChecks = [roles, fallbacks, documents];
