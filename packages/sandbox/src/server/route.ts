import type { IncomingHttpHeaders } from "node:http";
import type { Refusal } from "../faults/refusal.ts";
import type { RefusalContext } from "../faults/refusals.ts";
import type { ChatRequest } from "../wire/chat-request.ts";
import { openRouterCandidates, type Candidate } from "./candidates.ts";

/** One of the two routes for completions: the models that may answer, and the form of errors. */
export interface Route {
  readonly name: "openrouter" | "gateway";
  candidates(
    request: ChatRequest,
    headers: IncomingHttpHeaders,
    context: RefusalContext,
  ): readonly Candidate[] | Refusal;
  /** The refusal of a candidate, in the form of this route. */
  formatRefusal(refusal: Refusal, candidate: Candidate): Refusal;
  /** Headers of every answer. */
  headers(candidate: Candidate, index: number): Record<string, string>;
}

/** OpenRouter's own route, `/api/v1/chat/completions`. */
export const openRouterRoute: Route = {
  name: "openrouter",
  candidates: (request, _headers, context) => openRouterCandidates(request, context),
  formatRefusal: (refusal) => refusal,
  headers: () => ({}),
};
