import { expect, test } from "vitest";
import { nextUtcMidnight, utcDate, utcDay } from "./utc-day.ts";

const midnight = Date.UTC(2026, 0, 2);

test("a UTC day begins at midnight and not a millisecond before", () => {
  expect(utcDay(midnight) - utcDay(midnight - 1)).toBe(1);
  const dates = [midnight - 1, midnight, midnight - 1].map(utcDate);
  expect(dates).toEqual(["2026-01-01", "2026-01-02", "2026-01-01"]);
});

test("the next midnight is after the instant, also if that is midnight itself", () => {
  expect(nextUtcMidnight(midnight - 1)).toBe(midnight);
  expect(nextUtcMidnight(midnight)).toBe(Date.UTC(2026, 0, 3));
  expect(nextUtcMidnight(midnight - 1, 30)).toBe(Date.UTC(2026, 1, 1));
});
