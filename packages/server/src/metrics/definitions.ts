import { Counter, Gauge, Histogram, Registry } from "prom-client";

/** In seconds, from a cached answer to a long turn of an agent. */
const callSeconds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320];
const firstTokenSeconds = [0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32];
const waitSeconds = [0.01, 0.1, 1, 5, 15, 30, 60, 120, 300];

/** Labels of metrics about calls. */
const ofCall = ["role", "model"] as const;

export type Metrics = ReturnType<typeof defineMetrics>;

/**
 * The metrics of a server, in a separate registry. `docs/service.md` lists them. Those of several processes
 * are summed up, except values that all of them read from the database: for these, `max` is used.
 *
 * @param readGauges - Sets the gauges before they are read.
 */
export function createMetrics(readGauges: (metrics: Metrics) => Promise<void>): Metrics {
  const metrics: Metrics = defineMetrics(new Registry(), () => readGauges(metrics));
  return metrics;
}

function defineMetrics(registry: Registry, collect: () => Promise<void>) {
  const registers = [registry];
  return {
    registry,
    calls: new Counter({
      name: "orchestra_calls_total",
      help: "Model calls that ended.",
      labelNames: [...ofCall, "status"],
      registers,
    }),
    tokens: new Counter({
      name: "orchestra_tokens_total",
      help: "Tokens: prompt and completion, which include cached and reasoning.",
      labelNames: [...ofCall, "kind"],
      registers,
    }),
    cost: new Counter({
      name: "orchestra_cost_usd_total",
      help: "Cost of model calls in US dollars, as far as it is known.",
      labelNames: ofCall,
      registers,
    }),
    duration: new Histogram({
      name: "orchestra_call_duration_seconds",
      help: "Time of model calls, with waits, retries and fallbacks.",
      labelNames: ofCall,
      buckets: callSeconds,
      registers,
    }),
    firstToken: new Histogram({
      name: "orchestra_first_token_seconds",
      help: "Time from the start of a call to its first token, if it was streamed.",
      labelNames: ofCall,
      buckets: firstTokenSeconds,
      registers,
    }),
    attempts: new Counter({
      name: "orchestra_attempts_total",
      help: "Requests to models, by outcome: succeeded, or the kind of the error.",
      labelNames: ["model", "via", "result"],
      registers,
    }),
    fallbacks: new Counter({
      name: "orchestra_fallbacks_total",
      help: "Fallbacks to another model, by the kind of the error.",
      labelNames: ["role", "kind"],
      registers,
    }),
    limiterWait: new Histogram({
      name: "orchestra_rate_limit_wait_seconds",
      help: "Time for which rate limits delayed requests.",
      labelNames: ["role"],
      buckets: waitSeconds,
      registers,
    }),
    circuits: new Gauge({
      name: "orchestra_circuit_state",
      help: "Circuits of routes that have opened: 0 closed, 1 half-open, 2 open.",
      labelNames: ["model", "via"],
      registers,
      aggregator: "max",
    }),
    window: new Gauge({
      name: "orchestra_rate_limit_window",
      help: "Requests in the current minute: used, and the limit.",
      labelNames: ["limits", "kind"],
      registers,
      collect,
      aggregator: "max",
    }),
    limiterQueue: new Gauge({
      name: "orchestra_rate_limit_requests",
      help: "Requests at the rate limiter of this server: waiting, and in flight.",
      labelNames: ["limits", "state"],
      registers,
      collect,
    }),
    requests: new Gauge({
      name: "orchestra_active_requests",
      help: "Requests for completions that are in progress.",
      registers,
      collect,
    }),
    queue: new Gauge({
      name: "orchestra_queued_runs",
      help: "Runs that wait for a worker.",
      registers,
      collect,
      aggregator: "max",
    }),
    workers: new Gauge({
      name: "orchestra_workers",
      help: "Workers that are running.",
      registers,
      collect,
      aggregator: "max",
    }),
    runs: new Gauge({
      name: "orchestra_runs",
      help: "Runs in the database, by status.",
      labelNames: ["status"],
      registers,
      collect,
      aggregator: "max",
    }),
  };
}
