import type { IncomingHttpHeaders } from "node:http";
import type { OpenEntry } from "../books/books.ts";
import type { Fault } from "../faults/fault.ts";
import type { Refusal } from "../faults/refusal.ts";
import { REFUSALS, type RefusalContext } from "../faults/refusals.ts";
import { refuse } from "../faults/refuse.ts";
import { countPromptTokens } from "../tokens.ts";
import type { ChatRequest } from "../wire/chat-request.ts";
import type { Candidate } from "./candidates.ts";
import { checkRequest } from "./checks.ts";
import type { ServerContext } from "./context.ts";
import type { Route } from "./route.ts";

/** The candidate that answers a request, or the refusal. */
export interface Decision {
  readonly candidate?: Candidate;
  readonly index: number;
  readonly promptTokens: number;
  readonly fault?: Fault;
  readonly refusal?: Refusal;
}

/**
 * Tries the candidates until one does not refuse. Limits are OpenRouter's, so they do not apply to a request
 * through the gateway to another provider.
 */
export function decide(
  context: ServerContext,
  route: Route,
  request: ChatRequest,
  headers: IncomingHttpHeaders,
): Decision {
  const { account, desk, options } = context;
  const nowMs = options.now();
  const refusalContext = createRefusalContext(context, nowMs);
  const candidates = route.candidates(request, headers, refusalContext);
  if (!isList(candidates)) return { refusal: candidates, index: 0, promptTokens: 0 };

  const promptTokens = countPromptTokens(request);
  let isAdmitted = false;
  let decision: Decision = { index: 0, promptTokens };
  for (const [index, candidate] of candidates.entries()) {
    const { model, provider, asked } = candidate;
    const about = { ...refusalContext, model: model.id, provider };
    const refuseWith = (refusal: Refusal, fault?: Fault): Decision => ({
      candidate,
      index,
      promptTokens,
      refusal: route.formatRefusal(refusal, candidate),
      ...(fault !== undefined && { fault }),
    });

    if (candidate.format === "openrouter" && !isAdmitted) {
      const admission = account.admit(nowMs);
      if (admission !== "admitted") {
        decision = refuseWith(REFUSALS[admission](about));
        if (route.name === "openrouter") return decision;
        continue;
      }
      isAdmitted = true;
    }
    const fault = desk.next({ asked, served: model.id, route: route.name });
    const ordered = fault && refuse(fault, about);
    if (ordered !== undefined) {
      decision = refuseWith(ordered, fault);
      continue;
    }
    const refusal = checkRequest(request, model, promptTokens, creditsLeft(context));
    if (refusal === undefined) {
      return { candidate, index, promptTokens, ...(fault !== undefined && { fault }) };
    }
    decision = refuseWith(refusal);
  }
  return decision;
}

/** Writes the candidate of a decision into the books. */
export function recordDecision(entry: OpenEntry, { candidate, fault }: Decision): void {
  if (fault !== undefined) entry.fault = fault.fault;
  if (candidate === undefined) return;
  entry.modelServed = candidate.model.id;
  entry.provider = candidate.provider;
}

/** Sums up the books only if there is a balance to compare them with. */
function creditsLeft({ options, books }: ServerContext): number {
  const { creditsUsd } = options;
  return Number.isFinite(creditsUsd) ? creditsUsd - books.totals().costUsd : Infinity;
}

function createRefusalContext({ account }: ServerContext, nowMs: number): RefusalContext {
  const { tier, requestsPerMinute, requestsPerDay } = account.limits;
  return {
    model: "",
    provider: "",
    nowMs,
    // A fault may report a limit that the account does not have.
    requestsPerMinute: Number.isFinite(requestsPerMinute) ? requestsPerMinute : 60,
    requestsPerDay: Number.isFinite(requestsPerDay) ? requestsPerDay : 1000,
    isFreeTier: tier === "free",
    minuteResetAt: account.minuteResetAt(nowMs),
    dayResetAt: account.dayResetAt(nowMs),
  };
}

function isList<Item>(value: readonly Item[] | Refusal): value is readonly Item[] {
  return Array.isArray(value);
}
