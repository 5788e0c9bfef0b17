export { hedge, type HedgedAttempt, type HedgeOptions } from "./hedge.ts";
export { LatencyTracker, type LatencyTrackerOptions } from "./latency-tracker.ts";
