import type { CallPlan } from "./call-context.ts";
import type { Policy } from "./chain.ts";
import type { CallKey } from "./run-scope.ts";
import { adaptRequest } from "./policies/adapt-request.ts";
import { attemptLimit } from "./policies/attempt-limit.ts";
import { attemptTimeout } from "./policies/attempt-timeout.ts";
import { budget } from "./policies/budget.ts";
import { callTimeout } from "./policies/call-timeout.ts";
import { circuitBreaker } from "./policies/circuit-breaker.ts";
import { fallback } from "./policies/fallback.ts";
import { hedge } from "./policies/hedge.ts";
import { keyAccess } from "./policies/key-access.ts";
import { rateLimit } from "./policies/rate-limit.ts";
import { recording } from "./policies/recording.ts";
import { retry } from "./policies/retry.ts";
import { structuredOutput } from "./policies/structured-output.ts";

/** The order of a model call, outermost first. */
export const policies: readonly Policy[] = [
  callTimeout,
  keyAccess,
  fallback,
  circuitBreaker,
  retry,
  hedge,
  structuredOutput,
  attemptLimit,
  budget,
  rateLimit,
  recording,
  attemptTimeout,
  adaptRequest,
];

/** When a policy is needed; policies that are not listed are always needed. */
const conditions = new Map<Policy, (plan: CallPlan, key: CallKey | undefined) => boolean>([
  [callTimeout, ({ timeouts }) => timeouts.callMs !== undefined],
  [keyAccess, (_, key) => key?.roles !== undefined || key?.models !== undefined],
  [fallback, ({ routes }) => routes.length > 1],
  [circuitBreaker, ({ routes }) => routes.length > 1],
  [hedge, ({ services }) => services.hedgeAfterMs !== undefined],
  [attemptLimit, ({ services }) => services.maxAttempts !== undefined],
  [budget, ({ services }, key) => services.budget?.isLimited || key?.budget !== undefined],
]);

/**
 * The policies that calls of a plan need. The others would only pass their attempts on.
 *
 * @param key - The key of the client, which may have a budget.
 */
export function neededPolicies(
  all: readonly Policy[],
  plan: CallPlan,
  key?: CallKey,
): readonly Policy[] {
  return all.filter((policy) => conditions.get(policy)?.(plan, key) ?? true);
}
