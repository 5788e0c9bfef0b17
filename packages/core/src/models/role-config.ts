import type { CallPlan, Policy } from "../call/index.ts";
import type { RequestFields } from "../completions/index.ts";
import type { RetryPolicy } from "../resilience/index.ts";

/**
 * How a stream reaches its reader.
 *
 * - `passthrough`: tokens at once; failures are hidden up to the first one.
 * - `buffered`: the answer when it is complete; failures are hidden at any point. Tokens are events.
 */
export type Delivery = "passthrough" | "buffered";

/** What makes a chat model the model of a role. */
export interface RoleConfig {
  readonly plan: CallPlan;
  /** The order of a call, outermost first. */
  readonly policies: readonly Policy[];
  /** Request fields of the account and the role. */
  readonly request: RequestFields;
  readonly delivery: Delivery;
}

/** What LangChain's `withRetry` takes, and beside it every field of our policy. */
export interface RetryFields extends Partial<RetryPolicy> {
  readonly stopAfterAttempt?: number;
  /** Accepted for LangChain's signature; retries are events and log lines here. */
  readonly onFailedAttempt?: unknown;
}
