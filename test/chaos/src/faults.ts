import type { BookEntry, Fault, ScriptedFault } from "@orchestra/sandbox";

/** The waits that servers request are short here: otherwise a refusal for a minute would take a minute. */
const soon = { retryAfterSeconds: 0.02 };

/** All kinds of failures. */
const faults: readonly (Fault & Pick<ScriptedFault, "times">)[] = [
  ...[400, 401, 403, 404, 408, 413, 422, 429, 500, 502, 503, 504, 524, 529].map((status) => ({
    fault: "status" as const,
    status,
  })),
  { fault: "status", status: 503, retryAfterSeconds: 0.01 },
  { fault: "status", status: 502, body: "<html>Bad gateway</html>" },
  { fault: "rate-limit-minute", ...soon },
  { fault: "rate-limit-day", ...soon },
  { fault: "shared-pool" },
  { fault: "shared-pool", ...soon },
  { fault: "admission-control", ...soon },
  { fault: "capacity-exhausted", ...soon },
  { fault: "no-credits" },
  { fault: "can-only-afford" },
  { fault: "over-budget" },
  { fault: "key-limit" },
  // Only once: each of them halves the requests that may be in flight, for a minute.
  { fault: "in-flight", ...soon, times: 1 },
  { fault: "moderation" },
  { fault: "guardrail-budget" },
  { fault: "not-found-upstream" },
  { fault: "no-endpoints" },
  { fault: "unknown-model" },
  { fault: "context-length" },
  { fault: "slow", delayMs: 60 },
  { fault: "slow", delayMs: 4000 },
  { fault: "hang" },
  { fault: "reset" },
  { fault: "cut" },
  { fault: "cut", afterChunks: 0 },
  { fault: "truncated" },
  { fault: "truncated", afterChunks: 0 },
  { fault: "stall" },
  { fault: "stall", afterChunks: 0 },
  { fault: "broken-json" },
  { fault: "error-mid-stream" },
  { fault: "error-mid-stream", afterChunks: 0 },
  { fault: "error-mid-stream-string-code" },
  { fault: "error-mid-stream-no-choices" },
  { fault: "error-200" },
  { fault: "error-choice" },
  { fault: "empty" },
  { fault: "length" },
  { fault: "content-filter" },
  { fault: "no-done" },
  { fault: "no-done-open" },
];

/** Number of kinds, including refused connections, which the test's `fetch` causes. */
export const kindsOfFault = faults.length + 1;

/**
 * Orders by which a request fails with this probability, with the same share for each fault. The sandbox uses the first
 * order that applies, so later orders have a higher probability.
 */
export function orders(probability: number, notJsonModels: readonly string[]): ScriptedFault[] {
  const each = probability / kindsOfFault;
  const ordered = faults.map((fault, index): ScriptedFault => ({
    ...fault,
    probability: each / (1 - each * index),
  }));
  // Only for models that have to return JSON: for others, text is a valid answer.
  const prose = notJsonModels.map((model): ScriptedFault => ({
    fault: "not-json",
    model,
    probability: each,
  }));
  return [...ordered, ...prose];
}

/** The name of a fault in tables. */
export function labelOf({ fault, status }: BookEntry): string | undefined {
  return fault === "status" ? `status-${status}` : fault;
}
