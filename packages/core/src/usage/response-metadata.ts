import type { Usage } from "./usage.ts";

/** The data of a request that became known after its end. */
export interface LateUsage {
  readonly usage: Usage;
  /** The source of the cost in `usage`; absent if it is still unknown. */
  readonly costSource?: ResponseMetadata["costSource"];
}

/** The data of the response to one request, as far as it was read. */
export interface ResponseMetadata {
  /** HTTP status; absent if there was no response. */
  readonly status?: number | undefined;
  /** OpenRouter's id of the generation, for `GET /generation`. */
  readonly generationId?: string | undefined;
  /** Model that served, as the provider names it. */
  readonly servedModel?: string | undefined;
  /** Provider that served, from OpenRouter's `provider`. */
  readonly provider?: string | undefined;
  /** The server's reason for the end of the answer: `stop`, `length` for one cut off by `max_tokens`, … */
  readonly finishReason?: string | undefined;
  readonly usage?: Usage | undefined;
  /** The source of the cost in `usage`; absent if it is unknown. */
  readonly costSource?: "server" | "catalog" | undefined;
  /** The cost of the request, if it becomes known only after its end. */
  readonly lateUsage?: Promise<LateUsage | undefined> | undefined;
  /** Which target of its config Portkey's gateway used, from 0. */
  readonly gatewayTarget?: number | undefined;
  /** When the first token arrived, in milliseconds since the epoch. */
  readonly firstTokenAt?: number | undefined;
}
