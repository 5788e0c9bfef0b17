import { seconds, type Check, type Evidence } from "../evidence.ts";
import type { ProviderRequest } from "../provider/request-log.ts";
import { overrunOf } from "./overrun.ts";

const minuteMs = 60_000;
const dayMs = 86_400_000;
const freePerMinute = 20;
/** Maximum time for which a refusal delays other requests, except a refusal for the day. */
const maxRefusalMs = 300_000;

/** No configured limit is exceeded, by the times at which requests arrive at the provider. */
export const limits: Check = (evidence) => {
  const { settings, requests } = evidence;
  const ofAccount = requests.filter(({ route }) => route.isOfAccount);
  const free = ofAccount.filter(({ route }) => route.isFree);
  return [
    ...minute(evidence, ofAccount, settings.requestsPerMinute, "LLM_REQUESTS_PER_MINUTE"),
    ...minute(evidence, free, freePerMinute, "the limit of free models"),
    ...day(ofAccount, settings.requestsPerDay),
    ...tokens(evidence, ofAccount),
    ...inFlight(evidence, ofAccount),
    ...refusals(evidence, ofAccount),
  ];
};

function minute(
  { world }: Evidence,
  requests: readonly ProviderRequest[],
  limit: number,
  name: string,
): string[] {
  const arrivals = arrivalsOf(requests);
  return arrivals.flatMap((at, index) => {
    const last = arrivals[index + limit];
    if (last === undefined || last - at >= minuteMs) return [];
    return [
      `More than ${limit} requests arrived in ${((last - at) / 1_000).toFixed(3)} s from ${seconds(at, world)} (${name})`,
    ];
  });
}

function day(requests: readonly ProviderRequest[], limit: number): string[] {
  const byDay = Map.groupBy(arrivalsOf(requests), (at) => Math.floor(at / dayMs));
  return [...byDay.values()].flatMap(({ length }) =>
    length > limit
      ? [`${length} requests arrived in one UTC day (LLM_REQUESTS_PER_DAY is ${limit})`]
      : [],
  );
}

function tokens(
  { settings: { tokensPerMinute }, world }: Evidence,
  requests: readonly ProviderRequest[],
): string[] {
  if (tokensPerMinute === Infinity) return [];
  const arrived = requests
    .flatMap((request) =>
      request.arrivedAt === undefined ? [] : [{ request, at: request.arrivedAt }],
    )
    .toSorted((a, b) => a.at - b.at);
  const problems: string[] = [];
  let first = 0;
  let sum = 0;
  for (const { request, at } of arrived) {
    sum += withoutOverrun(request);
    for (
      let oldest = arrived[first];
      oldest && oldest.at <= at - minuteMs;
      oldest = arrived[first]
    ) {
      sum -= withoutOverrun(oldest.request);
      first += 1;
    }
    if (sum > tokensPerMinute) {
      problems.push(
        `${sum} tokens in the minute up to ${seconds(at, world)} (LLM_TOKENS_PER_MINUTE is ${tokensPerMinute})`,
      );
    }
  }
  return problems;
}

function inFlight(
  { settings: { maxConcurrency }, world }: Evidence,
  requests: readonly ProviderRequest[],
): string[] {
  const changes = requests
    .flatMap(({ sentAt, endedAt = Infinity }) => [
      { at: sentAt, by: 1 },
      { at: endedAt, by: -1 },
    ])
    .toSorted((a, b) => a.at - b.at || a.by - b.by);
  let count = 0;
  for (const { at, by } of changes) {
    count += by;
    if (count > maxConcurrency) {
      return [
        `${count} requests in flight at ${seconds(at, world)} (LLM_MAX_CONCURRENCY is ${maxConcurrency})`,
      ];
    }
  }
  return [];
}

/** No request is sent before the time that a refusal of the account names. */
function refusals({ world }: Evidence, requests: readonly ProviderRequest[]): string[] {
  return requests.flatMap(({ number, refusedUntil, endedAt, isCutByClient, fate, route }) => {
    if (refusedUntil === undefined || endedAt === undefined || isCutByClient) return [];
    const until =
      fate === "429 day" ? refusedUntil : Math.min(refusedUntil, endedAt + maxRefusalMs);
    const tooEarly = requests.find(
      (other) =>
        (!route.isFree || other.route.isFree) && other.sentAt > endedAt && other.sentAt < until - 1,
    );
    if (!tooEarly) return [];
    return [
      `Request ${tooEarly.number} was sent at ${seconds(tooEarly.sentAt, world)}, though request ${number} was refused until ${seconds(until, world)}`,
    ];
  });
}

function arrivalsOf(requests: readonly ProviderRequest[]): number[] {
  return requests.flatMap(({ arrivedAt = [] }) => arrivedAt).toSorted((a, b) => a - b);
}

function withoutOverrun(request: ProviderRequest): number {
  const { promptTokens = 0, completionTokens = 0 } = request.bill ?? {};
  return promptTokens + completionTokens - overrunOf(request).tokens;
}
