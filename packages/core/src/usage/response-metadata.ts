import type { Usage } from "./usage.ts";

/** What became known of a request after its end. */
export interface LateUsage {
  readonly usage: Usage;
  /** Where the cost in `usage` comes from; absent where it is unknown still. */
  readonly costSource?: ResponseMetadata["costSource"];
}

/** What the response to one request showed, as far as it was read. */
export interface ResponseMetadata {
  /** HTTP status; absent where no response came. */
  readonly status?: number | undefined;
  /** OpenRouter's id of the generation, for `GET /generation`. */
  readonly generationId?: string | undefined;
  /** Model that served, as the provider names it. */
  readonly servedModel?: string | undefined;
  /** Provider that served, from OpenRouter's `provider`. */
  readonly provider?: string | undefined;
  /** Why the answer ended, as the server says: `stop`, `length` for one cut off by `max_tokens`, … */
  readonly finishReason?: string | undefined;
  readonly usage?: Usage | undefined;
  /** Where the cost in `usage` comes from; absent where it is unknown. */
  readonly costSource?: "server" | "catalog" | undefined;
  /** What the request cost, where that becomes known only after its end. */
  readonly lateUsage?: Promise<LateUsage | undefined> | undefined;
  /** Which target of its config Portkey's gateway used, from 0. */
  readonly gatewayTarget?: number | undefined;
  /** When the first token arrived, in milliseconds since the epoch. */
  readonly firstTokenAt?: number | undefined;
}
