export { hedge, type HedgedAttempt, type HedgeOptions } from "./hedge.ts";
export { LatencyTracker } from "./latency-tracker.ts";
