import { findModel } from "../catalog/catalog.ts";
import type { Model } from "../catalog/model.ts";
import { REFUSALS, type RefusalContext } from "../faults/refusals.ts";
import type { Refusal } from "../faults/refusal.ts";
import type { ChatRequest } from "../wire/chat-request.ts";

/** A model that may answer a request: the first one that does not refuse. */
export interface Candidate {
  readonly asked: string;
  readonly model: Model;
  /** The name in the answer. */
  readonly answersAs: string;
  readonly provider: string;
  readonly format: "openrouter" | "openai";
}

/** The models of a request to OpenRouter, in order, or the refusal of an unknown one. */
export function openRouterCandidates(
  { models }: ChatRequest,
  context: RefusalContext,
): Candidate[] | Refusal {
  const candidates: Candidate[] = [];
  for (const asked of models) {
    const model = findModel(asked);
    if (model === undefined) return REFUSALS["unknown-model"]({ ...context, model: asked });
    const { id, provider, dialect } = model;
    const format = dialect?.format ?? "openrouter";
    candidates.push({ asked, model, answersAs: id, provider, format });
  }
  return candidates;
}
