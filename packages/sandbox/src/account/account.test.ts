import { expect, it } from "vitest";
import { createAccount } from "./account.ts";

it("does not count what it refuses", () => {
  const account = createAccount({ tier: "free", requestsPerMinute: 2, requestsPerDay: 3 });
  const start = Date.UTC(2026, 0, 1);
  const admit = (atMs: number) => account.admit(start + atMs);
  expect([0, 1, 2].map(admit)).toEqual(["admitted", "admitted", "rate-limit-minute"]);
  expect([60_000, 60_001].map(admit)).toEqual(["admitted", "rate-limit-day"]);
  expect(account.usedToday(start)).toBe(3);
  expect(account.dayResetAt(start)).toBe(Date.UTC(2026, 0, 2));
});

it("has no limit by default", () => {
  const account = createAccount();
  const admitted = Array.from({ length: 2_000 }, () => account.admit(0));
  expect(new Set(admitted)).toEqual(new Set(["admitted"]));
});
