import type { Check, Evidence } from "../evidence.ts";
import type { ProviderRequest } from "../provider/request-log.ts";
import type { Budgets } from "../scenario/settings.ts";
import { overrunOf } from "./overrun.ts";

const dayMs = 86_400_000;
/** More than the rounding error of a sum of dollars. */
const precision = 1e-9;

/**
 * The charges of the provider do not exceed a budget, except for tokens beyond `max_tokens`.
 */
export const budgets: Check = (evidence) => {
  const { settings } = evidence;
  return [
    ...exceeded(evidence, "tokens", settings.budgetTokens),
    ...exceeded(evidence, "usd", settings.budgetUsd),
  ];
};

type Unit = "tokens" | "usd";

function exceeded(evidence: Evidence, unit: Unit, limits: Budgets): string[] {
  if (Object.values(limits).every((limit) => limit === Infinity)) return [];
  const { requests } = evidence;
  const runOf = new Map(evidence.outcomes.map(({ call }) => [call.prompt, call.runId]));
  const flights = flightsOf(evidence);
  const late = lateOf(evidence);
  const scopes = [
    { scope: "call", groups: Map.groupBy(requests, ({ prompt }) => prompt) },
    { scope: "run", groups: Map.groupBy(requests, ({ prompt }) => runOf.get(prompt) ?? "") },
    {
      scope: "day",
      groups: Map.groupBy(requests, ({ sentAt }) => String(Math.floor(sentAt / dayMs))),
    },
  ] as const;
  return scopes.flatMap(({ scope, groups }) =>
    [...groups].flatMap(([id, group]) => {
      const times = scope === "call" ? (flights.get(id) ?? 1) : 1;
      // A request counts on the day on which it was reserved, before it waited for a slot.
      const counted = scope === "day" ? group.filter((request) => !late.has(request)) : group;
      const spent = sum(counted, (request) => chargeOf(request, unit));
      const slack = sum(counted, (request) => overrunOf(request)[unit]);
      const limit = limits[scope] * times;
      if (spent <= limit + slack + precision) return [];
      return [
        `The budget of the ${scope} ${id} is ${limit} ${unit}, and ${spent} were spent (${slack} of them beyond max_tokens)`,
      ];
    }),
  );
}

function chargeOf({ bill }: ProviderRequest, unit: Unit): number {
  if (!bill) return 0;
  return unit === "usd" ? bill.costUsd : bill.promptTokens + bill.completionTokens;
}

/** Number of calls for each prompt: identical calls that are not coalesced have separate budgets. */
export function flightsOf({ outcomes }: Evidence): Map<string, number> {
  const flights = new Map<string, number>();
  for (const { call, events } of outcomes) {
    const ids = new Set(events.flatMap(({ event }) => ("callId" in event ? [event.callId] : [])));
    flights.set(call.prompt, (flights.get(call.prompt) ?? 0) + ids.size);
  }
  return flights;
}

/** Requests that were sent on a later UTC day than their call was made. */
function lateOf({ requests, outcomes }: Evidence): Set<ProviderRequest> {
  const startOf = new Map<string, number>();
  for (const { call, startedAt = Infinity } of outcomes) {
    startOf.set(call.prompt, Math.min(startedAt, startOf.get(call.prompt) ?? Infinity));
  }
  return new Set(
    requests.filter(({ prompt, sentAt }) => dayOf(startOf.get(prompt) ?? sentAt) < dayOf(sentAt)),
  );
}

function sum<T>(items: readonly T[], valueOf: (item: T) => number): number {
  return items.reduce((total, item) => total + valueOf(item), 0);
}

function dayOf(at: number): number {
  return Math.floor(at / dayMs);
}
