import type { CatalogModel } from "@orchestra/core";
import { modelIds, quoted } from "@orchestra/core/extend";
import { invalidRequest } from "../errors/api-error.ts";
import { adviceForUnknownModel } from "../errors/to-api-error.ts";
import { modelPrefix } from "../calls/roles.ts";
import type { ServerContext } from "../server-context.ts";
import type { Model } from "./model-schema.ts";

/** Answers `GET /v1/models`: the roles first, then the models of the catalog. */
export async function listModels(context: ServerContext): Promise<{
  object: "list";
  data: Model[];
}> {
  const catalog = await context.gateway.catalog.list();
  const data = [...context.roles.names.map(ofRole), ...[...catalog.values()].map(ofCatalog)];
  return { object: "list", data };
}

/** Answers `GET /v1/models/<id>`. @throws {ApiError} for an unknown model */
export async function findModel({ gateway, roles }: ServerContext, id: string): Promise<Model> {
  const refusal = { status: 404, code: "model_not_found", param: "model" } as const;
  if (id.startsWith(modelPrefix)) {
    const name = id.slice(modelPrefix.length);
    roles.require(name, refusal);
    return ofRole(name);
  }
  const catalog = await gateway.catalog.list();
  const model = catalog.get(id);
  if (model) return ofCatalog(model);
  const advice = adviceForUnknownModel(modelIds.nearestModels(id, catalog.keys()));
  const error = invalidRequest(`There is no model ${quoted(id)}. ${advice}`, refusal);
  throw roles.explain(error, id);
}

function ofRole(name: string): Model {
  return { id: `${modelPrefix}${name}`, object: "model", created: 0, owned_by: "orchestra" };
}

function ofCatalog(model: CatalogModel): Model {
  const { id, contextLength, supportedParameters, promptUsd, completionUsd } = model;
  return {
    id,
    object: "model",
    created: 0,
    owned_by: id.split("/")[0] ?? id,
    context_length: contextLength,
    supported_parameters: supportedParameters && [...supportedParameters],
    pricing: { prompt: priceOf(promptUsd), completion: priceOf(completionUsd) },
  };
}

/** A price as OpenRouter writes it: dollars for a token, as text. */
function priceOf(usd: number | undefined): string | undefined {
  return usd === undefined ? undefined : String(usd);
}
