import type { CallRecord, OrchestraEvent } from "@orchestra/core";
import type { Metrics } from "./definitions.ts";
import type { KnownNames } from "./known-names.ts";

const states = { closed: 0, "half-open": 1, open: 2 } as const;

/** Counts an event. It is the only place where events become metrics. */
export function recordEvent(metrics: Metrics, known: KnownNames, event: OrchestraEvent): void {
  switch (event.type) {
    case "call-end":
      recordCall(metrics, known, event.record);
      break;
    case "reconcile": {
      // Usage that was unknown when the call ended.
      const { role, model, missing } = event;
      const labels = { role: known.role(role), model: known.model(model) };
      addTokens(metrics, labels, missing);
      if (missing.costUsd > 0) metrics.cost.inc(labels, missing.costUsd);
      break;
    }
    case "fallback":
      metrics.fallbacks.inc({ role: known.role(event.role), kind: event.kind });
      break;
    case "circuit": {
      const [model = "", via = ""] = event.route.split(" via ");
      const name = known.model(model);
      // One value for several routes would have no meaning.
      if (name !== known.other) metrics.circuits.set({ model: name, via }, states[event.to]);
      break;
    }
    default:
  }
}

function recordCall(metrics: Metrics, known: KnownNames, record: CallRecord): void {
  const { status, durationMs, timeToFirstTokenMs, costUsd, attempts } = record;
  const role = known.role(record.role);
  const labels = { role, model: known.model(record.model) };
  metrics.calls.inc({ ...labels, status });
  addTokens(metrics, labels, record);
  if (costUsd > 0) metrics.cost.inc(labels, costUsd);
  metrics.duration.observe(labels, durationMs / 1000);
  if (timeToFirstTokenMs !== undefined) {
    metrics.firstToken.observe(labels, timeToFirstTokenMs / 1000);
  }
  for (const { model, via, error, rateLimitedMs } of attempts) {
    metrics.attempts.inc({ model: known.model(model), via, result: error?.kind ?? "succeeded" });
    if (rateLimitedMs > 0) metrics.limiterWait.observe({ role }, rateLimitedMs / 1000);
  }
}

type Tokens = Pick<
  CallRecord,
  "promptTokens" | "completionTokens" | "cachedTokens" | "reasoningTokens"
>;

function addTokens(
  metrics: Metrics,
  labels: { readonly role: string; readonly model: string },
  { promptTokens, completionTokens, cachedTokens, reasoningTokens }: Tokens,
): void {
  const add = (kind: string, count: number): void => {
    if (count > 0) metrics.tokens.inc({ ...labels, kind }, count);
  };
  add("prompt", promptTokens);
  add("completion", completionTokens);
  add("cached", cachedTokens);
  add("reasoning", reasoningTokens);
}
