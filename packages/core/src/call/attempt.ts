import type { Awaitable, ChatRequest, Completion, ProgressListener } from "../completions/index.ts";
import type { CircuitPermit } from "../resilience/circuit-breaker/index.ts";
import type { Route } from "../routes/index.ts";

/** One HTTP request that is about to be made. Policies pass on a changed copy. */
export interface Attempt {
  /** Where the request goes. */
  readonly route: Route;
  /** Its body, as JSON. */
  readonly request: ChatRequest;
  /** Aborts when the answer is no longer needed. */
  readonly signal: AbortSignal;
  /** How long the call waited before this attempt, in milliseconds. */
  readonly waitedMs: number;
  /** How long the account's rate limits delayed it after that, in milliseconds. */
  readonly rateLimitedMs: number;
  /** Whether the request asks the model to correct its answer. */
  readonly isRepair: boolean;
  /** Whether the request asks for fewer tokens, because the account cannot pay for more. */
  readonly isReduced?: true;
  /** Whether the call has no further route after this one. */
  readonly isLastRoute: boolean;
  /** The circuit breaker's permission to attempt the route; absent for a last route. */
  readonly permit?: CircuitPermit | undefined;
  readonly progress?: ProgressListener | undefined;
  /** Called with each piece of text of a whole answer. */
  readonly onText?: ((text: string) => void) | undefined;
  /** Whether the JSON of the answer is kept, if it need not be repaired. */
  readonly keepsJson?: boolean | undefined;
  /** Throws for a complete answer that does not match the request. */
  readonly check?: ((completion: Completion) => Awaitable<void>) | undefined;
}
