import type { FaultName } from "../faults/fault.ts";
import type { JsonObject } from "../wire/chat-request.ts";

/** The server's record of one request for a completion. */
export interface BookEntry {
  /** The generation's id, also sent as `X-Generation-Id`. */
  readonly id: string;
  readonly route: "openrouter" | "gateway";
  readonly modelAsked: string;
  /** The model of the catalogue that answered; empty if none did. */
  readonly modelServed: string;
  readonly provider: string;
  readonly stream: boolean;
  /** The HTTP status that was sent; 0 if there was none. */
  readonly status: number;
  readonly fault?: FaultName;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly cachedTokens: number;
  readonly reasoningTokens: number;
  /** The amount that is charged: a failed or empty answer costs nothing. */
  readonly costUsd: number;
  /** A hash of the key, which does not reveal it. */
  readonly apiKey: string;
  /** `http-referer`, the titles and all `x-portkey-*` headers, in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The parsed request, unless the sandbox is configured not to keep it. */
  readonly body: JsonObject;
  readonly startedAt: number;
  /** Missing while the answer is being sent. */
  readonly endedAt?: number;
  /** The client disconnected before the answer was complete. */
  readonly aborted: boolean;
}

/** Sums over all entries. */
export interface BookTotals {
  readonly requests: number;
  readonly succeeded: number;
  readonly refused: number;
  readonly aborted: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly costUsd: number;
}
