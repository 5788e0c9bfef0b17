import type { CallPlan, Policy } from "../call/index.ts";
import type { RequestFields } from "../completions/index.ts";

/**
 * How a stream reaches its reader.
 *
 * - `passthrough`: tokens at once; failures are retried or fall back only before the first token.
 * - `buffered`: the answer when it is complete; failures at any point are retried or fall back. Tokens are events.
 */
export type Delivery = "passthrough" | "buffered";

/** The configuration of a role's chat model. */
export interface RoleConfig {
  readonly plan: CallPlan;
  /** The order of a call, outermost first. */
  readonly policies: readonly Policy[];
  /** Request fields of the account and of the role. */
  readonly request: RequestFields;
  readonly delivery: Delivery;
}
