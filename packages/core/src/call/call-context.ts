import type { ChatRequest } from "../completions/index.ts";
import type { OutputSchema } from "../completions/schemas/index.ts";
import type { Journal } from "../journal/index.ts";
import type { RetryPolicy } from "../resilience/index.ts";
import type { Route } from "../routes/index.ts";
import type { CallLog } from "./call-log.ts";
import type { RunScope } from "./run-scope.ts";
import type { CallServices } from "./services.ts";
import type { NamedTimeouts } from "./timeouts.ts";

/** The settings that all calls of one role share. */
export interface CallPlan {
  readonly role: string;
  /** The role's own model first, then its fallbacks. */
  readonly routes: readonly [Route, ...Route[]];
  /** The role's own route, with another model. */
  readonly routeTo?: ((model: string) => Route) | undefined;
  readonly retryPolicy: RetryPolicy;
  readonly timeouts: NamedTimeouts;
  /** Priority in the rate limiter; higher goes first. */
  readonly priority: number;
  /** How often a broken live stream may start again, with an event. */
  readonly maxRestarts: number;
  readonly services: CallServices;
}

/** The input of one call. */
export interface CallInput {
  readonly request: ChatRequest;
  readonly scope: RunScope;
  readonly signal?: AbortSignal | undefined;
  /** Headers of the call's requests; names in lower case. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The schema of the answer. */
  readonly outputSchema?: OutputSchema | undefined;
  /** Whether whole answers may be streamed from upstream, if the route supports it. @defaultValue `true` */
  readonly streamUpstream?: boolean | undefined;
  /** Whether the JSON of the answer is kept, if it need not be repaired. */
  readonly keepsJson?: boolean | undefined;
  /** Maximum time for one attempt, in milliseconds. @defaultValue the role's */
  readonly attemptMs?: number | undefined;
  /** Called with each piece of text of a whole answer, and the number of its attempt. */
  readonly onText?: ((text: string, attempt: number) => void) | undefined;
  /** The position of the call in its run, for the journal. */
  readonly step?: string | undefined;
  readonly journal?: Journal | undefined;
}

/** A call in progress: the data that its policies can use. */
export interface CallContext extends CallPlan, CallInput {
  /** Whether the caller reads the answer as a stream. */
  readonly isStream: boolean;
  /** Records the call's attempts and emits its events. */
  readonly log: CallLog;
}
