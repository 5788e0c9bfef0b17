import { describe } from "vitest";
import { z } from "zod";
import { checkInput } from "../../input/check-input.ts";
import { callback } from "../../input/schemas.ts";
import type { MakeLimiter } from "./limiter-under-test.ts";
import { rateLimiterProperties } from "./properties.ts";
import { checkAborts } from "./topics/aborts.ts";
import { checkCallsInFlight } from "./topics/calls-in-flight.ts";
import { checkDay } from "./topics/day.ts";
import { checkListeners } from "./topics/listeners.ts";
import { checkNewLimits } from "./topics/new-limits.ts";
import { checkPriorities } from "./topics/priorities.ts";
import { checkRefusals } from "./topics/refusals.ts";
import { checkRequests } from "./topics/requests.ts";
import { checkState } from "./topics/state.ts";
import { checkTokens } from "./topics/tokens.ts";
import { inWindow } from "./topics/setting.ts";

const topics = [
  checkRequests,
  checkTokens,
  checkCallsInFlight,
  checkDay,
  checkPriorities,
  checkAborts,
  checkRefusals,
  checkNewLimits,
  checkState,
  checkListeners,
];

/**
 * The behaviour that every rate limiter must have.
 *
 * @param makeLimiter - Creates a limiter, with a clock that the suite advances.
 * @param numRuns - Scenarios that each property test tries. @defaultValue `100`
 */
export function describeRateLimiter(
  name: string,
  makeLimiter: MakeLimiter,
  { numRuns = 100 }: { readonly numRuns?: number } = {},
): void {
  checkInput(z.string(), name, "describeRateLimiter()", "name");
  checkInput(callback, makeLimiter, "describeRateLimiter()", "makeLimiter");
  describe(`${name} as a rate limiter`, () => {
    const make = inWindow(makeLimiter);
    for (const check of topics) check(make);
    rateLimiterProperties(makeLimiter, numRuns);
  });
}
