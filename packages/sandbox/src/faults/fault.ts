import type { RefusalName } from "./refusals.ts";

/** An HTTP status with the body that OpenRouter sends with it. */
export interface StatusFault {
  readonly fault: "status";
  /** 400 to 599. */
  readonly status: number;
  /** Instead of the status's own body: a string is sent unchanged, anything else as JSON. */
  readonly body?: unknown;
  /** Sent as the `Retry-After` header, and in the body if OpenRouter puts it there too. */
  readonly retryAfterSeconds?: number;
  /** Additional response headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal that OpenRouter is known to send, by its name. */
export interface RefusalFault {
  readonly fault: RefusalName;
  readonly retryAfterSeconds?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends nothing for a while. */
export interface SlowFault {
  readonly fault: "slow";
  /** @defaultValue 2000 */
  readonly delayMs?: number;
  /** Instead of `delayMs`: the answer waits until this settles. */
  readonly until?: Promise<unknown>;
}

/** The failure of an answer that began well. `afterChunks` is for streams; by default, half of them. */
export interface BrokenAnswerFault {
  readonly fault:
    | "cut"
    | "truncated"
    | "stall"
    | "broken-json"
    | "error-mid-stream"
    | "error-mid-stream-string-code"
    | "error-mid-stream-no-choices";
  /** Content chunks that arrive before the fault. */
  readonly afterChunks?: number;
}

/** A fault without parameters. */
export interface PlainFault {
  readonly fault:
    | "hang"
    | "reset"
    | "error-200"
    | "error-choice"
    | "empty"
    | "length"
    | "content-filter"
    | "not-json"
    | "no-done"
    | "no-done-open";
}

/** One way in which a call fails. The README has the table. */
export type Fault = StatusFault | RefusalFault | SlowFault | BrokenAnswerFault | PlainFault;

/** The name of a fault. */
export type FaultName = Fault["fault"];

/** The requests that a fault affects, and how often. */
export interface FaultScript {
  /** The requested name of a model, or, on OpenRouter's own route, the served one. Default: any. */
  readonly model?: string;
  /** OpenRouter's `/api/v1`, or the gateway's `/v1`. Default: both. */
  readonly route?: "openrouter" | "gateway";
  /** Number of requests that it affects. Default: all. */
  readonly times?: number;
  /** Number of matching requests that succeed first. @defaultValue `0` */
  readonly after?: number;
  /** Probability that a matching request is affected, from the seed. @defaultValue 1 */
  readonly probability?: number;
}

/** A fault to order: what happens, and to which requests. */
export type ScriptedFault = Fault & FaultScript;
