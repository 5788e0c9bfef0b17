export { forgetOldUsage } from "./forget-old-usage.ts";
export { sumUsage, type UsageKey, type UsageLine, type UsageOptions } from "./sum-usage.ts";
export { UsageCounter } from "./usage-counter.ts";
