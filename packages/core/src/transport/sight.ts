import { invalid } from "./check-completion.ts";
import type { Sighting } from "./request.ts";
import { readUsage } from "./read-usage.ts";
import type { Completion, CompletionChunk, OpenRouterFields } from "./wire.ts";

/**
 * Notes who served a completion, or a chunk of one, and what it cost.
 *
 * @throws {ModelError} for JSON that is neither
 */
export function sight(
  seen: Sighting,
  body: (Completion | CompletionChunk) & OpenRouterFields,
): void {
  if (typeof body !== "object" || body === null) {
    throw invalid("The answer is no JSON object", "malformed");
  }
  if (body.id) seen.generationId ??= body.id;
  if (body.model) seen.servedModel = body.model;
  if (body.provider) seen.provider = body.provider;
  const usage = readUsage(body.usage);
  if (!usage) return;
  seen.usage = usage;
  seen.isCostReported = typeof (body.usage as { cost?: unknown }).cost === "number";
}

/** Notes what the headers of an answer tell. */
export function sightHeaders(seen: Sighting, { status, headers }: Response): void {
  seen.status = status;
  const generationId = headers.get("x-generation-id");
  if (generationId) seen.generationId = generationId;
  const target = /targets\[(\d+)\]/.exec(
    headers.get("x-portkey-last-used-option-index") ?? "",
  )?.[1];
  if (target !== undefined) seen.gatewayTarget = Number(target);
}
