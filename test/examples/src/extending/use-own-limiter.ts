import { createRateLimiter, Orchestra, systemClock } from "@orchestra/core";
import { withMetrics } from "./with-metrics.ts";

const waits: number[] = [];
const rateLimiter = withMetrics(createRateLimiter({ clock: systemClock }), (waitedMs) =>
  waits.push(waitedMs),
);

const orchestra = new Orchestra({ rateLimiter, settings: { requestsPerMinute: 60 } });
await orchestra.chat("What is a rate limit?");
console.log(waits);
