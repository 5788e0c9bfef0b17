import type { IncomingMessage, ServerResponse } from "node:http";
import { keyData } from "../account/key-data.ts";
import { CATALOG, findModel } from "../catalog/catalog.ts";
import { modelEndpoints, modelEntry } from "../catalog/model-entry.ts";
import { decodePercent } from "../decode-percent.ts";
import { DOCUMENT_CATALOG, documentModelEntry } from "../similarity/document-models.ts";
import { apiKeyOf, checkApiKey } from "./api-key.ts";
import { handleChat } from "./chat.ts";
import type { ServerContext } from "./context.ts";
import { handleDocuments } from "./documents.ts";
import { gatewayRoute } from "./gateway-route.ts";
import { generationData } from "./generation-data.ts";
import { sendJson, sendRefusal } from "./respond.ts";
import { openRouterRoute } from "./route.ts";

type Handler = (
  context: ServerContext,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
) => Promise<void> | void;

/** The catalogue never changes: it is serialized once. */
const MODELS = JSON.stringify({
  data: CATALOG.map(modelEntry),
  links: { next: null },
  total_count: CATALOG.length,
});

/** The models of the requested output modalities, those for text by default. */
function modelsOf(modalities: string | null): string | object {
  if (modalities === null) return MODELS;
  const asked = modalities.split(",");
  const has = (modality: string) => asked.includes(modality) || asked.includes("all");
  const data = [
    ...(has("text") ? CATALOG.map(modelEntry) : []),
    ...DOCUMENT_CATALOG.filter(({ kind }) => has(kind)).map(documentModelEntry),
  ];
  return { data, links: { next: null }, total_count: data.length };
}

const handlers: Record<string, Handler> = {
  "POST /api/v1/chat/completions": (context, request, response) =>
    handleChat(context, openRouterRoute, request, response),
  "POST /v1/chat/completions": (context, request, response) =>
    handleChat(context, gatewayRoute, request, response),
  "POST /api/v1/embeddings": (context, request, response) =>
    handleDocuments(context, "embeddings", request, response),
  "POST /api/v1/rerank": (context, request, response) =>
    handleDocuments(context, "rerank", request, response),
  "GET /api/v1/models": (_context, _request, response, url) =>
    sendJson(response, 200, modelsOf(url.searchParams.get("output_modalities"))),
  "GET /api/v1/embeddings/models": (_context, _request, response) =>
    sendJson(response, 200, modelsOf("embeddings")),
  "GET /api/v1/models/count": (_context, _request, response) =>
    sendJson(response, 200, { data: { count: CATALOG.length } }),
  "GET /api/v1/key": withKey(sendKey),
  "GET /api/v1/auth/key": withKey(sendKey),
  "GET /api/v1/credits": withKey(sendCredits),
  "GET /api/v1/generation": withKey(sendGeneration),
};

/** Finds the handler of a request; `false` if there is none. */
export async function route(
  context: ServerContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const url = new URL(request.url ?? "/", "http://sandbox");
  const handler = handlers[`${request.method} ${url.pathname}`];
  if (handler !== undefined) {
    await handler(context, request, response, url);
    return true;
  }
  return request.method === "GET" && sendEndpoints(context, response, url.pathname);
}

function withKey(handler: Handler): Handler {
  return (context, request, response, url) => {
    const { requireKey, keys } = context.options;
    const refusal = requireKey ? checkApiKey(apiKeyOf(request), keys) : undefined;
    if (refusal === undefined) return handler(context, request, response, url);
    sendRefusal(response, refusal, { "X-Generation-Id": context.ids.generation() });
  };
}

function sendKey(
  { account, books, options }: ServerContext,
  request: IncomingMessage,
  response: ServerResponse,
) {
  const { costUsd } = books.totals();
  const data = keyData(account, costUsd, isManagementKey(request), options.now());
  sendJson(response, 200, { data });
}

function sendCredits(
  { books, options }: ServerContext,
  request: IncomingMessage,
  response: ServerResponse,
) {
  if (!isManagementKey(request)) {
    sendRefusal(response, {
      status: 403,
      message: "Only management keys can perform this operation",
    });
    return;
  }
  const total = Number.isFinite(options.creditsUsd) ? options.creditsUsd : 100;
  const data = { total_credits: total, total_usage: books.totals().costUsd };
  sendJson(response, 200, { data });
}

function sendGeneration(
  { books }: ServerContext,
  _request: IncomingMessage,
  response: ServerResponse,
  url: URL,
) {
  const id = url.searchParams.get("id") ?? "";
  const entry = books.find(id);
  if (entry === undefined)
    sendRefusal(response, { status: 404, message: `Generation ${id} not found` });
  else sendJson(response, 200, { data: generationData(entry) });
}

function sendEndpoints(_context: ServerContext, response: ServerResponse, path: string): boolean {
  const id = /^\/api\/v1\/models\/(.+)\/endpoints$/.exec(path)?.[1];
  if (id === undefined) return false;
  const model = findModel(decodePercent(id));
  if (model === undefined) sendRefusal(response, { status: 404, message: `Model ${id} not found` });
  else sendJson(response, 200, { data: modelEndpoints(model) });
  return true;
}

/** By its prefix: `sk-or-mgmt`, or the older `sk-or-prov`. */
function isManagementKey(request: IncomingMessage): boolean {
  return /^sk-or-(?:mgmt|prov)/.test(apiKeyOf(request));
}
