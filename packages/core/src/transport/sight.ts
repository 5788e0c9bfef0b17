import type { Sighting } from "./request.ts";
import { readUsage } from "./read-usage.ts";
import type { Completion, CompletionChunk, OpenRouterFields } from "./wire.ts";

/** Notes who served a completion, or a chunk of one, and what it cost. */
export function sight(
  seen: Sighting,
  body: (Completion | CompletionChunk) & OpenRouterFields,
): void {
  if (body.id) seen.generationId ??= body.id;
  if (body.model) seen.servedModel = body.model;
  if (body.provider) seen.provider = body.provider;
  const usage = readUsage(body.usage);
  if (usage) seen.usage = usage;
}
