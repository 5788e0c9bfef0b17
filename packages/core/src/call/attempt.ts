import type { Awaitable, ChatRequest, Completion, ProgressListener } from "../completions/index.ts";
import type { CircuitPermit } from "../resilience/circuit-breaker/index.ts";
import type { Route } from "../routes/index.ts";

/** One HTTP request about to be made. Policies pass on a changed copy. */
export interface Attempt {
  /** Where the request goes. */
  readonly route: Route;
  /** Its body, as JSON. */
  readonly request: ChatRequest;
  /** Aborts when nothing waits for the answer any more. */
  readonly signal: AbortSignal;
  /** How long the call waited before this attempt, in milliseconds. */
  readonly waitedMs: number;
  /** How long the account's rate limits delayed it after that, in milliseconds. */
  readonly rateLimitedMs: number;
  /** Whether the request shows the model what was wrong with its answer. */
  readonly isRepair: boolean;
  /** Whether the request asks for fewer tokens, since the account cannot pay for more. */
  readonly isReduced?: true;
  /** Whether the call has no further route after this one. */
  readonly isLastRoute: boolean;
  /** The circuit breaker's permission to attempt the route; absent for a last route. */
  readonly permit?: CircuitPermit | undefined;
  readonly progress?: ProgressListener | undefined;
  /** Called with each piece of text of a whole answer. */
  readonly onText?: ((text: string) => void) | undefined;
  /** Whether the JSON of the answer is kept, where nothing of it has to be repaired. */
  readonly keepsJson?: boolean | undefined;
  /** Throws for a complete answer that is not what was asked for. */
  readonly check?: ((completion: Completion) => Awaitable<void>) | undefined;
}
