import type { ChatRequest, OutputSchema } from "../completions/index.ts";
import type { Journal } from "../journal/index.ts";
import type { RetryPolicy } from "../resilience/index.ts";
import type { Route } from "../routes/index.ts";
import type { CallLog } from "./call-log.ts";
import type { RunScope } from "./run-scope.ts";
import type { CallServices } from "./services.ts";
import type { NamedTimeouts } from "./timeouts.ts";

/** What all calls of one role have in common. */
export interface CallPlan {
  readonly role: string;
  /** The role's own model first, then its fallbacks. */
  readonly routes: readonly [Route, ...Route[]];
  /** The role's own route, with another model. */
  readonly routeTo?: ((model: string) => Route) | undefined;
  readonly retryPolicy: RetryPolicy;
  readonly timeouts: NamedTimeouts;
  /** Place in the account's queue; higher goes first. */
  readonly priority: number;
  /** How often a live stream that broke starts again, announced. */
  readonly maxRestarts: number;
  readonly services: CallServices;
}

/** What one call asks for. */
export interface CallInput {
  readonly request: ChatRequest;
  readonly scope: RunScope;
  readonly signal?: AbortSignal | undefined;
  /** Headers of the call's requests; names in lower case. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The shape that the answer must have. */
  readonly outputSchema?: OutputSchema | undefined;
  /** Whether whole answers may be streamed from upstream, where the route does so. @defaultValue `true` */
  readonly streamUpstream?: boolean | undefined;
  /** Whether the JSON of the answer is kept, where nothing of it has to be repaired. */
  readonly keepsJson?: boolean | undefined;
  /** Longest time for one attempt, in milliseconds. @defaultValue the role's */
  readonly attemptMs?: number | undefined;
  /** Called with each piece of text of a whole answer, and the number of its attempt. */
  readonly onText?: ((text: string, attempt: number) => void) | undefined;
  /** Where in its run the call is, for the journal. */
  readonly step?: string | undefined;
  readonly journal?: Journal | undefined;
}

/** One call while it is under way: what its policies may know of it. */
export interface CallContext extends CallPlan, CallInput {
  /** Whether the caller reads the answer as a stream. */
  readonly isStream: boolean;
  /** Records the call's attempts and emits its events. */
  readonly log: CallLog;
}
