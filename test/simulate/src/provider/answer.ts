import type { Random } from "../random.ts";
import type { ClockView } from "../virtual-clock.ts";
import { connectionError, whileOpen, type TimedBody } from "./body.ts";
import type { Fate } from "./fate.ts";
import { billFor, noBill, promptTokens, type Bill, type ProviderRequest } from "./request-log.ts";

/** Everything that the sending of one answer needs. */
export interface AnswerOptions {
  readonly request: ProviderRequest;
  readonly body: TimedBody;
  readonly fate: Fate;
  /** The answer, in pieces of one token each. */
  readonly pieces: readonly string[];
  /** Tokens that the provider reports beyond those of the answer. */
  readonly overrun: number;
  readonly clock: ClockView;
  readonly random: Random;
  /** The answer has been generated, or given up: the bill is known. */
  readonly onBill: (bill: Bill) => void;
}

/** Sends an answer piece by piece, as server-sent events. */
export function sendStream(options: AnswerOptions): void {
  const { request, body, fate, pieces, clock, random, onBill } = options;
  const { route } = request;
  const cutAfter = random.whole(0, pieces.length - 1);
  const send = (chunk: object): void => {
    request.idSentAt ??= clock.now();
    body.push(`data: ${JSON.stringify(frame(request, chunk))}\n\n`);
  };
  const sendPiece = (index: number): void => {
    const isCut = ["cut", "cut-cleanly", "error-chunk", "stall"].includes(fate);
    if (fate === "empty" || index === pieces.length) return finish();
    if (isCut && index === cutAfter) return cut(index);
    const content = pieces[index] ?? "";
    request.text += content;
    send({ choices: [{ index: 0, delta: { role: "assistant", content }, finish_reason: null }] });
    whileOpen(clock, body, route.pace(random), () => sendPiece(index + 1));
  };
  const cut = (sent: number): void => {
    if (fate === "stall") return;
    if (fate === "error-chunk") {
      send({ error: { code: 502, message: "Provider disconnected" }, choices: [] });
      onBill(noBill);
      return body.end();
    }
    onBill(billFor(route, promptTokens, sent));
    if (fate === "cut") body.fail(connectionError("ECONNRESET"));
    else body.end();
  };
  const finish = (): void => {
    request.isComplete = fate !== "empty";
    send({ choices: [{ index: 0, delta: { content: "" }, finish_reason: finishOf(options) }] });
    if (fate === "empty") onBill(noBill);
    else onBill(billFor(route, promptTokens, pieces.length + options.overrun));
    if (fate !== "empty" && fate !== "no-usage") {
      request.usageSentAt = clock.now();
      send({ choices: [], usage: usageOf(request) });
    }
    if (fate === "stays-open") return;
    body.push("data: [DONE]\n\n");
    body.end();
  };
  if (random.chance(0.3)) body.push(": OPENROUTER PROCESSING\n\n");
  sendPiece(0);
}

/** Sends an answer as one JSON document, when all of it is generated. */
export function sendWhole(options: AnswerOptions): void {
  const { request, body, fate, pieces, clock, random, onBill } = options;
  const { route } = request;
  let generationMs = 0;
  for (const _ of pieces) generationMs += route.pace(random);
  whileOpen(clock, body, generationMs, () => {
    if (fate === "stall") return;
    if (fate === "error-body" || fate === "error-chunk") {
      onBill(noBill);
      request.idSentAt ??= clock.now();
      body.push(
        JSON.stringify({ id: request.generationId, error: { code: 502, message: "down" } }),
      );
      return body.end();
    }
    const text = fate === "empty" ? null : pieces.join("");
    onBill(
      fate === "empty" ? noBill : billFor(route, promptTokens, pieces.length + options.overrun),
    );
    const hasUsage = fate !== "empty" && fate !== "no-usage";
    const message = { role: "assistant", content: text };
    const json = JSON.stringify({
      ...frame(request, { choices: [{ index: 0, message, finish_reason: finishOf(options) }] }),
      object: "chat.completion",
      ...(hasUsage ? { usage: usageOf(request) } : {}),
    });
    if (fate === "cut" || fate === "cut-cleanly") {
      body.push(json.slice(0, json.length >> 1));
      if (fate === "cut") body.fail(connectionError("ECONNRESET"));
      else body.end();
      return;
    }
    request.idSentAt ??= clock.now();
    request.text = text ?? "";
    request.isComplete = text !== null;
    if (hasUsage) request.usageSentAt = clock.now();
    body.push(json);
    body.end();
  });
}

function frame({ generationId, route }: ProviderRequest, fields: object): object {
  const object = "chat.completion.chunk";
  return { id: generationId, object, created: 1_750_000_000, model: route.model, ...fields };
}

function finishOf({ pieces, request }: AnswerOptions): "stop" | "length" {
  return pieces.length >= request.maxTokens ? "length" : "stop";
}

function usageOf({ bill = noBill, route }: ProviderRequest): object {
  const { promptTokens: prompt, completionTokens: completion, costUsd } = bill;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    // A gateway in front of another provider reports tokens alone.
    ...(route.isOfAccount ? { cost: costUsd } : {}),
  };
}
