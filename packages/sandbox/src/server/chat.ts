import type { IncomingMessage, ServerResponse } from "node:http";
import { delay } from "../delay.ts";
import type { Dialect, DialectRequest } from "../dialects/dialect.ts";
import { sendDialectBody, sendDialectRefusal, sendDialectStream } from "../dialects/send.ts";
import { alterGeneration } from "../faults/alter.ts";
import { planPlain, planStream } from "../faults/plan.ts";
import type { Refusal } from "../faults/refusal.ts";
import type { ChatRequest } from "../wire/chat-request.ts";
import { createGeneration, limitAnswer, type Generation } from "../wire/generation.ts";
import { InvalidChatRequestError, parseChatRequest } from "../wire/parse-chat-request.ts";
import { streamChunks, streamFrames } from "../wire/stream.ts";
import type { Candidate } from "./candidates.ts";
import type { ServerContext } from "./context.ts";
import { decide, recordDecision, type Decision } from "./decide.ts";
import { recordGeneration } from "./entry.ts";
import {
  answerHeaders,
  applyConnectionFault,
  openExchange,
  readExchange,
  refuseExchange,
  type Exchange,
} from "./exchange.ts";
import type { Route } from "./route.ts";
import { sendPlain, sendStream } from "./send-answer.ts";

/** Answers a request for a completion, on OpenRouter's route or the gateway's. */
export async function handleChat(
  context: ServerContext,
  route: Route,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const exchange = openExchange(context, route, request, response);
  const parsed = await readRequest(exchange);
  if ("status" in parsed) {
    refuseExchange(exchange, parsed);
    return;
  }
  const decision = decide(context, route, parsed, request.headers);
  recordDecision(exchange.entry, decision);
  await (decision.refusal === undefined && decision.candidate !== undefined
    ? answer(exchange, parsed, decision, decision.candidate)
    : refuseExchange(exchange, decision.refusal, decision));
}

async function readRequest(exchange: Exchange): Promise<ChatRequest | Refusal> {
  const read = await readExchange(exchange);
  if ("refusal" in read) return read.refusal;
  try {
    return parseChatRequest(read.body);
  } catch (error) {
    if (error instanceof InvalidChatRequestError) return { status: 400, message: error.message };
    throw error;
  }
}

async function answer(
  exchange: Exchange,
  request: ChatRequest,
  decision: Decision,
  candidate: Candidate,
): Promise<void> {
  const { context, entry } = exchange;
  const { fault } = decision;
  if (await applyConnectionFault(exchange, fault)) return;

  const output = await context.engine(request, entry.body, candidate.model);
  if ("status" in output) {
    refuseExchange(exchange, exchange.route.formatRefusal(output, candidate), decision);
    return;
  }
  const { dialect } = candidate.model;
  const inDialect = dialect && { dialect, request: dialectRequest(exchange, request) };
  const refusal = inDialect?.dialect.refuse?.(inDialect.request);
  if (inDialect && refusal !== undefined) {
    entry.status = refusal.status;
    sendDialectRefusal(inDialect.dialect, refusal, exchange.response);
    return;
  }
  const limited = limitAnswer(output, request.maxTokens ?? candidate.model.maxCompletionTokens);
  const head = {
    id: candidate.format === "openrouter" ? entry.id : entry.id.replace("gen-", "chatcmpl-"),
    createdAtSeconds: Math.floor(entry.startedAt / 1000),
    provider: candidate.provider,
    format: candidate.format,
    model: candidate.answersAs,
  };
  const generation = alterGeneration(
    createGeneration(head, candidate.model, decision.promptTokens, limited),
    fault,
  );
  recordGeneration(entry, generation);
  if (inDialect) await sendDialect(exchange, inDialect, generation);
  else await send(exchange, request, decision, generation);
}

async function send(
  exchange: Exchange,
  request: ChatRequest,
  decision: Decision,
  generation: Generation,
): Promise<void> {
  const { context, response, entry, signal } = exchange;
  const { latency } = context.options;
  const headers = answerHeaders(exchange, decision);
  const chunks = streamChunks(generation, latency.chunkCharacters, request.includeUsage);
  const frames = streamFrames(chunks, generation.format === "openrouter");
  if (request.stream) {
    const plan = planStream(frames, generation, decision.fault);
    entry.status = 200;
    await sendStream(response, plan, latency, headers, signal);
    return;
  }
  await delay(latency.firstTokenMs + latency.betweenTokensMs * frames.content.length, signal);
  if (signal.aborted) return;
  entry.status = 200;
  sendPlain(response, planPlain(generation, decision.fault), headers, signal);
}

async function sendDialect(
  exchange: Exchange,
  inDialect: { readonly dialect: Dialect; readonly request: DialectRequest },
  generation: Generation,
): Promise<void> {
  const { context, response, entry, signal } = exchange;
  const { latency } = context.options;
  const isServer = generation.format === "openai";
  const headers: Record<string, string> = isServer ? {} : { "X-Generation-Id": entry.id };
  const answer = { ...inDialect, generation, response, headers, latency, signal };
  entry.status = 200;
  if (entry.stream) await sendDialectStream(answer);
  else sendDialectBody(answer);
}

function dialectRequest({ context, entry }: Exchange, request: ChatRequest): DialectRequest {
  return { request, requestBody: entry.body, attempt: context.counter.count(entry.body) };
}
