import type { AttemptRecord, Usage } from "@orchestra/core";
import type { Check, Evidence } from "../evidence.ts";
import { noBill, type Bill, type ProviderRequest } from "../provider/request-log.ts";

const precision = 1e-9;
/** How often Orchestra requests the cost of a request that was cut off, within ten seconds. */
const generationAsks = 4;

/** The ledger equals the charges of the provider, except for those that no client can know. */
export const books: Check = (evidence) => {
  const known = knownAttempts(evidence);
  const problems: string[] = [];
  const expected = { tokens: 0, usd: 0 };
  for (const request of evidence.requests) {
    const { bill = noBill, number, generationId } = request;
    const usage = known.get(generationId);
    const unknowable = unknowableReason(request, evidence);
    if (unknowable === undefined || hasSome(usage)) {
      const isFree = usage?.costUsd === 0 && mayLackPrice(request, evidence);
      const cost = isFree ? 0 : bill.costUsd;
      expected.tokens += bill.promptTokens + bill.completionTokens;
      expected.usd += cost;
      const problem = difference(usage, { ...bill, costUsd: cost });
      if (problem !== undefined)
        problems.push(`Request ${number} (${request.fate}) cost ${problem}`);
    }
  }
  const { promptTokens, completionTokens, costUsd } = evidence.total;
  const tokens = promptTokens + completionTokens;
  if (tokens !== expected.tokens || Math.abs(costUsd - expected.usd) > precision) {
    problems.push(
      `The ledger has ${tokens} tokens and $${costUsd}, the provider ${expected.tokens} tokens and $${expected.usd}`,
    );
  }
  return problems;
};

/** Requests whose cost no client can know. */
export function unknowableOf(evidence: Evidence): number {
  return evidence.requests.filter(
    (request) => hasSome(request.bill) && unknowableReason(request, evidence) !== undefined,
  ).length;
}

/** The usage of each generation, from Orchestra's records and from later events. */
function knownAttempts({ records, events }: Evidence): Map<string, Usage> {
  const known = new Map<string, Usage>();
  const add = (id: string | undefined, usage: Usage) => {
    if (id !== undefined) known.set(id, usage);
  };
  for (const { attempts } of records) {
    for (const attempt of attempts) add(attempt.generationId, attempt satisfies AttemptRecord);
  }
  for (const { event } of events) {
    if (event.type === "reconcile") add(event.generationId, event.usage);
  }
  return known;
}

function unknowableReason(request: ProviderRequest, { outcomes }: Evidence): string | undefined {
  const { idSentAt, endedAt = Infinity, usageSentAt, route, generationServedAt } = request;
  if (!hasSome(request.bill)) return undefined;
  if (idSentAt === undefined || (request.isCutByClient && idSentAt >= endedAt)) return "no id";
  if (usageSentAt !== undefined && !wasUnread(request, outcomes)) return undefined;
  if (route.via !== "openrouter") return "a gateway without usage";
  if (generationServedAt !== undefined || request.generationAsks < generationAsks) return undefined;
  return "booked late";
}

/** Whether a reader stopped, or a caller aborted, before it had read everything that had arrived. */
function wasUnread({ prompt }: ProviderRequest, outcomes: Evidence["outcomes"]): boolean {
  return outcomes.some(({ call, kind }) => call.prompt === prompt && kind !== "answered");
}

/** Whether neither the server nor the catalog had the cost of a request. */
function mayLackPrice(request: ProviderRequest, { pricesKnownAt }: Evidence): boolean {
  const { route, endedAt = Infinity } = request;
  return !route.isOfAccount && (route.catalogId === undefined || endedAt < pricesKnownAt);
}

function hasSome(usage: Pick<Bill, "promptTokens" | "completionTokens"> | undefined): boolean {
  return usage !== undefined && usage.promptTokens + usage.completionTokens > 0;
}

function difference(usage: Usage | undefined, bill: Bill): string | undefined {
  const { promptTokens = 0, completionTokens = 0, costUsd = 0 } = usage ?? {};
  const isEqual =
    promptTokens === bill.promptTokens &&
    completionTokens === bill.completionTokens &&
    Math.abs(costUsd - bill.costUsd) < precision;
  if (isEqual) return undefined;
  return `${bill.promptTokens}+${bill.completionTokens} tokens and $${bill.costUsd}, and ${promptTokens}+${completionTokens} tokens and $${costUsd} are recorded`;
}
