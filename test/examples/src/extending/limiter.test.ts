import { createRateLimiter } from "@orchestra/core";
import { rateLimiterConformance, type MakeLimiter } from "@orchestra/core/conformance";
import { FakeClock } from "@orchestra/core/testing";
import { describe } from "vitest";
import { withMetrics } from "./with-metrics.ts";

const makeLimiter: MakeLimiter = async ({ startAt, ...options }) => {
  const clock = new FakeClock(startAt);
  const limiter = withMetrics(createRateLimiter({ ...options, clock }), () => undefined);
  return { limiter, clock, [Symbol.asyncDispose]: async () => undefined };
};

describe("a rate limiter with metrics", () => {
  rateLimiterConformance(makeLimiter);
});
