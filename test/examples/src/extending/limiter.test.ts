import { createRateLimiter } from "@orchestra/core";
import { describeRateLimiter, type MakeLimiter } from "@orchestra/core/conformance";
import { FakeClock } from "@orchestra/core/testing";
import { withMetrics } from "./with-metrics.ts";

const makeLimiter: MakeLimiter = async ({ startAt, ...options }) => {
  const clock = new FakeClock(startAt);
  const limiter = withMetrics(createRateLimiter({ ...options, clock }), () => undefined);
  return { limiter, clock, [Symbol.asyncDispose]: async () => undefined };
};

describeRateLimiter("withMetrics()", makeLimiter);
