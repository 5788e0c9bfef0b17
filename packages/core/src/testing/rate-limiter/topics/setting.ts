import type { LimiterUnderTest, MakeLimiter } from "../limiter-under-test.ts";

export const windowMs = 6000;
export const marginMs = 100;
/** After this time a slot is free again. */
export const spanMs = windowMs + marginMs;
export const midnight = Date.UTC(2026, 4, 6);
export const dayMs = 86_400_000;

/** Creates a limiter whose "minute" is {@link windowMs}, a second after {@link midnight}. */
export type MakeInWindow = (
  options: Partial<Parameters<MakeLimiter>[0]>,
) => Promise<LimiterUnderTest>;

export function inWindow(makeLimiter: MakeLimiter): MakeInWindow {
  return (options) =>
    makeLimiter({ windowMs, safetyMarginMs: marginMs, startAt: midnight + 1000, ...options });
}
