import type { IncomingMessage, ServerResponse } from "node:http";
import { delay } from "../delay.ts";
import { planBody } from "../faults/plan.ts";
import type { Refusal } from "../faults/refusal.ts";
import { answerDocuments, type DocumentRequest } from "../similarity/answers.ts";
import type { DocumentModel } from "../similarity/document-model.ts";
import { findDocumentModel } from "../similarity/document-models.ts";
import { parseDocumentRequest } from "../similarity/parse-document-request.ts";
import { countTokens } from "../tokens.ts";
import type { ChatRequest } from "../wire/chat-request.ts";
import { InvalidChatRequestError } from "../wire/parse-chat-request.ts";
import { dollars } from "../wire/usage.ts";
import type { ServerContext } from "./context.ts";
import { decide, recordDecision, type Decision } from "./decide.ts";
import {
  answerHeaders,
  applyConnectionFault,
  openExchange,
  readExchange,
  refuseExchange,
  type Exchange,
} from "./exchange.ts";
import type { Route } from "./route.ts";
import { sendPlain } from "./send-answer.ts";

type Kind = DocumentModel["kind"];

/** Answers a request to `/embeddings` or `/rerank`, with the limits, faults and books of all others. */
export async function handleDocuments(
  context: ServerContext,
  kind: Kind,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const exchange = openExchange(context, routes[kind], request, response);
  const asked = await readRequest(exchange, kind);
  if ("status" in asked) {
    refuseExchange(exchange, asked);
    return;
  }
  const decision = decide(context, routes[kind], asChat(asked), request.headers);
  recordDecision(exchange.entry, decision);
  const model = findDocumentModel(asked.model, kind);
  if (decision.refusal !== undefined || model === undefined) {
    refuseExchange(exchange, decision.refusal, decision);
  } else await answer(exchange, asked, decision, model);
}

const routes: Readonly<Record<Kind, Route>> = {
  embeddings: routeOf("embeddings"),
  rerank: routeOf("rerank"),
};

function routeOf(kind: Kind): Route {
  return {
    name: "openrouter",
    candidates({ models: [asked = ""] }) {
      const model = findDocumentModel(asked, kind);
      if (!model) return unknownModel(asked, kind);
      // Its context limits each text, not all together.
      const unlimited = { ...model, contextLength: Infinity };
      const { provider } = model;
      return [{ asked, model: unlimited, answersAs: model.id, provider, format: "openrouter" }];
    },
    formatRefusal: (refusal) => refusal,
    headers: () => ({}),
  };
}

function unknownModel(id: string, kind: Kind): Refusal {
  return { status: 404, message: `No endpoints found for ${id} that support ${kind}` };
}

async function readRequest(exchange: Exchange, kind: Kind): Promise<DocumentRequest | Refusal> {
  const read = await readExchange(exchange);
  if ("refusal" in read) return read.refusal;
  try {
    return parseDocumentRequest(read.body, kind);
  } catch (error) {
    if (error instanceof InvalidChatRequestError) return { status: 400, message: error.message };
    throw error;
  }
}

/** The request in the form that limits and faults use. */
function asChat({ model, texts }: DocumentRequest): ChatRequest {
  return {
    models: [model],
    messages: texts.map((text) => ({ role: "user", text, toolCalls: [] })),
    tools: [],
    toolChoice: "none",
    responseFormat: { type: "text" },
    stream: false,
    includeUsage: false,
    requireParameters: false,
  };
}

async function answer(
  exchange: Exchange,
  request: DocumentRequest,
  decision: Decision,
  model: DocumentModel,
): Promise<void> {
  const { context, entry, response, signal } = exchange;
  const { fault } = decision;
  if (await applyConnectionFault(exchange, fault)) return;
  await delay(context.options.latency.firstTokenMs, signal);
  if (signal.aborted) return;
  const tooLong = request.texts.find((text) => countTokens(text) > model.contextLength);
  if (tooLong !== undefined) {
    const message = `A text has ${countTokens(tooLong)} tokens, and ${model.id} takes ${model.contextLength}`;
    refuseExchange(exchange, { status: 400, message }, decision);
    return;
  }
  const tokens = request.texts.reduce((sum, text) => sum + countTokens(text), 0);
  const cost = dollars(tokens * model.prices.prompt + model.requestUsd);
  const hasFailed = fault?.fault === "error-200";
  entry.status = 200;
  entry.promptTokens = tokens;
  entry.costUsd = hasFailed ? 0 : cost;
  const usage =
    model.kind === "embeddings"
      ? { prompt_tokens: tokens, total_tokens: tokens, cost }
      : { search_units: 1, total_tokens: tokens, cost };
  const { id } = entry;
  const { provider } = model;
  const head = { id, model: model.id, provider, usage };
  const body = answerDocuments(request, model, head);
  sendPlain(
    response,
    planBody(body, { id, provider }, fault),
    answerHeaders(exchange, decision),
    signal,
  );
}
