import type { CallOutcome } from "../call-outcome.ts";
import { seconds, type Check, type Evidence } from "../evidence.ts";

const dayMs = 86_400_000;
/** The most tokens that one request is estimated to take. */
const maxTokens = 4_200;

/** Every call ends, and within a time that follows from its settings. */
export const bounds: Check = (evidence) =>
  evidence.outcomes.flatMap((outcome) => {
    const { call, startedAt, endedAt } = outcome;
    if (startedAt === undefined) return [`Call ${call.number} was never made`];
    if (endedAt === undefined) {
      return [
        `Call ${call.number} hangs: it waits, and no timer is left (since ${seconds(startedAt, evidence.world)})`,
      ];
    }
    const tookMs = endedAt - startedAt;
    const boundMs = boundOf(outcome, evidence) + 1;
    if (tookMs <= boundMs) return [];
    return [
      `Call ${call.number} took ${tookMs / 1_000} s, longer than its settings allow (${boundMs / 1_000} s)`,
    ];
  });

function boundOf({ call, pausedMs }: CallOutcome, evidence: Evidence): number {
  const { settings, world, requests } = evidence;
  const { callTimeoutMs } = settings;
  if (callTimeoutMs !== undefined) return callTimeoutMs + pausedMs;
  const routes = 1 + world.fallbacks.length;
  const restarts = call.kind === "stream" ? settings.streamRestarts : 0;
  // One attempt more than the retries: one is made at once with fewer tokens.
  const attempts = routes * (settings.maxRetries + 2) * (restarts + 1);
  const attemptMs = settings.requestTimeoutMs + settings.retryMaxDelayMs + 3_000;
  return (
    attempts * (attemptMs + queueMs(evidence) / (requests.length || 1)) +
    queueMs(evidence) +
    pausedMs
  );
}

/** The maximum time that requests can wait for a slot. */
function queueMs({ settings, world, requests }: Evidence): number {
  const { requestsPerMinute, requestsPerDay, tokensPerMinute, maxConcurrency } = settings;
  const { requestTimeoutMs } = settings;
  const sent = requests.length;
  const hasFree = Object.values(world.primaries).some(({ isFree }) => isFree);
  const perMinute = Math.min(requestsPerMinute, hasFree ? 20 : Infinity);
  const minutes = sent / perMinute + sent / Math.max(1, Math.floor(tokensPerMinute / maxTokens));
  const days = sent / Math.min(requestsPerDay, hasFree ? world.account.freePerDay : Infinity);
  const refused = requests.filter(({ refusedUntil }) => refusedUntil !== undefined).length;
  const credit = requests.filter(({ fate }) => fate === "402 in flight").length;
  const lanes = Math.min(maxConcurrency, credit > 0 ? 1 : Infinity);
  const pausesMs = 300_000;
  return (
    (minutes + 2) * 61_000 +
    (sent / lanes) * (requestTimeoutMs + pausesMs) +
    refused * 62_000 +
    credit * 40_000 +
    (settings.waitsForQuota ? (days + 2) * dayMs : 0)
  );
}
