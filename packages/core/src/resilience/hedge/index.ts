export { hedge, type HedgeOptions } from "./hedge.ts";
export { LatencyTracker } from "./latency-tracker.ts";
