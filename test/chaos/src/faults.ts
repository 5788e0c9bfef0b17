import type { BookEntry, Fault, ScriptedFault } from "@orchestra/sandbox";

/** Waits that a server asks for are short here, or a minute's refusal would take a minute. */
const soon = { retryAfterSeconds: 0.02 };

/** Every way in which a call can fail. */
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
  // Each halves the requests that may be in progress, and a minute has to pass before all may again.
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

/** How many kinds there are, with the one that the client's side makes: a connection refused. */
export const kindsOfFault = faults.length + 1;

/**
 * Orders by which a request fails with this probability, each fault as often as any other. The
 * desk takes the first order that strikes, so that the later ones must strike the harder.
 */
export function orders(probability: number, notJsonModels: readonly string[]): ScriptedFault[] {
  const each = probability / kindsOfFault;
  const ordered = faults.map((fault, index): ScriptedFault => ({
    ...fault,
    probability: each / (1 - each * index),
  }));
  // Prose instead of prose is an answer: only who asks for JSON can tell.
  const prose = notJsonModels.map((model): ScriptedFault => ({
    fault: "not-json",
    model,
    probability: each,
  }));
  return [...ordered, ...prose];
}

/** A fault's name in tables. */
export function labelOf({ fault, status }: BookEntry): string | undefined {
  return fault === "status" ? `status-${status}` : fault;
}
