import type { RefusalName } from "./refusals.ts";

/** An HTTP status with the body that OpenRouter sends with it. */
export interface StatusFault {
  readonly fault: "status";
  /** 400 to 599. */
  readonly status: number;
  /** In place of the status's own body: a string is sent as it is, anything else as JSON. */
  readonly body?: unknown;
  /** Sent as the `Retry-After` header, and in the body where OpenRouter puts it there too. */
  readonly retryAfterSeconds?: number;
  /** Further response headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal that OpenRouter is known to send, by its name. */
export interface RefusalFault {
  readonly fault: RefusalName;
  readonly retryAfterSeconds?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** No byte of the answer for a while. */
export interface SlowFault {
  readonly fault: "slow";
  /** @defaultValue 2000 */
  readonly delayMs?: number;
  /** In place of `delayMs`: the answer waits until this settles. */
  readonly until?: Promise<unknown>;
}

/** What an answer that began well does then. `afterChunks` is for streams; by default, half of them. */
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

/** A fault that needs nothing but its name. */
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

/** Which requests a fault strikes, and how often. */
export interface FaultScript {
  /** A model's name as it was asked for, or, on OpenRouter's own route, as it is served. Default: any. */
  readonly model?: string;
  /** OpenRouter's `/api/v1`, or the gateway's `/v1`. Default: both. */
  readonly route?: "openrouter" | "gateway";
  /** Number of requests that it affects. Default: all. */
  readonly times?: number;
  /** Number of matching requests that pass first. @defaultValue `0` */
  readonly after?: number;
  /** Strikes a matching request with this probability, drawn from the seed. @defaultValue 1 */
  readonly probability?: number;
}

/** A fault to order: what happens, and to which requests. */
export type ScriptedFault = Fault & FaultScript;
