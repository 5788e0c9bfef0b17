import { authorOf } from "../catalog/model.ts";
import { modelEntry } from "../catalog/model-entry.ts";
import { faultOfModelName } from "../faults/fault-models.ts";
import type { DocumentModel } from "./document-model.ts";
import { EMBEDDING_VARIANTS, RERANK_VARIANTS } from "./variants.ts";

const notReal = "This is a sandbox, without a real model.";

/** Dollars per million tokens, and for a request. */
type Row = readonly [
  id: string,
  kind: DocumentModel["kind"],
  tokenPrice: number,
  requestUsd: number,
  dimensions: number,
];

/** Prices are close to the real ones, and not kept up to date. */
const ROWS: readonly Row[] = [
  ["openai/text-embedding-3-small", "embeddings", 0.02, 0, 1536],
  ["openai/text-embedding-3-large", "embeddings", 0.13, 0, 3072],
  ["google/gemini-embedding-001", "embeddings", 0.15, 0, 3072],
  ["qwen/qwen3-embedding-0.6b", "embeddings", 0.01, 0, 1024],
  ["cohere/rerank-v3.5", "rerank", 0, 0.002, 0],
];

const PROVIDERS: Record<string, string> = {
  openai: "OpenAI",
  google: "Google AI Studio",
  cohere: "Cohere",
  sandbox: "Sandbox",
};

function modelOf([id, kind, tokenPrice, requestUsd, dimensions]: Row): DocumentModel {
  return {
    id,
    name: id.slice(id.indexOf("/") + 1),
    description:
      kind === "embeddings"
        ? `Vectors by hashed words and letters. ${notReal}`
        : `Ranks documents by the words and letters that they share with the query. ${notReal}`,
    provider: PROVIDERS[authorOf(id)] ?? "DeepInfra",
    contextLength: 8192,
    maxCompletionTokens: 0,
    prices: { prompt: tokenPrice / 1e6, completion: 0 },
    supportedParameters: [],
    kind,
    dimensions,
    requestUsd,
  };
}

const EMBEDDING = modelOf(["sandbox/embedding", "embeddings", 0.02, 0, 512]);
const RERANK = modelOf(["sandbox/rerank", "rerank", 0, 0.002, 0]);

/** Every model that `GET /models` lists for the output modalities `embeddings` and `rerank`. */
export const DOCUMENT_CATALOG: readonly DocumentModel[] = [
  EMBEDDING,
  RERANK,
  ...ROWS.map(modelOf),
  ...EMBEDDING_VARIANTS.map(({ name, description, alter }) => ({
    ...EMBEDDING,
    id: `sandbox/embedding-${name}`,
    name: `Sandbox: embedding, ${name}`,
    description: `${description} Otherwise as ${EMBEDDING.id}.`,
    alter,
  })),
  ...RERANK_VARIANTS.map(({ name, description, alter }) => ({
    ...RERANK,
    id: `sandbox/rerank-${name}`,
    name: `Sandbox: rerank, ${name}`,
    description: `${description} Otherwise as ${RERANK.id}.`,
    alter,
  })),
];

const byId = new Map(DOCUMENT_CATALOG.map((model) => [model.id, model]));

/** The model of that name and kind; fault models are of both kinds. */
export function findDocumentModel(
  id: string,
  kind: DocumentModel["kind"],
): DocumentModel | undefined {
  const known = byId.get(id);
  if (known) return known.kind === kind ? known : undefined;
  if (faultOfModelName(id) === undefined) return undefined;
  return { ...(kind === "embeddings" ? EMBEDDING : RERANK), id, name: id };
}

/** A model as `GET /models` shows it. */
export function documentModelEntry(model: DocumentModel) {
  const entry = modelEntry(model);
  return {
    ...entry,
    architecture: {
      ...entry.architecture,
      modality: `text->${model.kind}`,
      output_modalities: [model.kind],
    },
    pricing: { ...entry.pricing, request: String(model.requestUsd) },
  };
}
