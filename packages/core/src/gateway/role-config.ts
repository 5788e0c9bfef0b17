import type { CallPlan, Policy } from "../call/index.ts";
import type { RequestFields } from "../completions/index.ts";

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
