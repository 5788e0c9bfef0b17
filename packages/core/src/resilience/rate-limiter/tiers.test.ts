import { expect, test } from "vitest";
import { freeModelLimits, tierLimits } from "./tiers.ts";

test("the tiers are those of the configuration guide", () => {
  expect(tierLimits).toEqual({
    free: { requestsPerMinute: 20, requestsPerDay: 50 },
    pro: { requestsPerMinute: 60, requestsPerDay: 1000 },
  });
});

test("free models are limited to 20 requests a minute with every tier", () => {
  expect(freeModelLimits).toEqual({ requestsPerMinute: 20 });
});
