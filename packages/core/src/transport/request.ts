import type { Usage } from "../usage/call-record.ts";

/**
 * One HTTP request to a chat completions endpoint: how it is to be made, and what was seen of it.
 *
 * The model layer makes one for each attempt and reads it afterwards; the transport fills it.
 */
export interface CompletionRequest {
  /** Headers of this request alone, such as a trace id; their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Whether to stream an answer that the caller wants whole. Streaming shows the first token, and
   * tells a slow answer from none.
   */
  readonly streamsWhole: boolean;
  /** Called with each piece of text as it arrives. */
  readonly onText?: ((text: string) => void) | undefined;
  /** Called for each sign that the answer goes on; comments that only keep the connection are none. */
  readonly onProgress?: (() => void) | undefined;
  /** Most tokens that the account can pay for; wins over a larger `max_tokens`. */
  readonly affordableTokens?: number | undefined;
  /** Milliseconds since the epoch. @defaultValue the machine's clock */
  readonly now?: (() => number) | undefined;
  readonly seen: Sighting;
}

/** What the wire showed of a request, as far as it went. */
export interface Sighting {
  status?: number;
  generationId?: string;
  /** Model that served, as the provider names it. */
  servedModel?: string;
  /** Provider that served, from OpenRouter's `provider`. */
  provider?: string;
  usage?: Usage;
  /** Whether the cost in `usage` is the server's own word, and not merely absent. */
  isCostReported?: boolean;
  /** Which target of its config Portkey's gateway used, from 0. */
  gatewayTarget?: number;
  /** Milliseconds since the epoch. */
  firstTokenAt?: number;
}
