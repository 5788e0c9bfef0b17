import type { IncomingMessage, ServerResponse } from "node:http";

/** Answers a request. */
export type Respond = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>;

/** Exports events as OpenTelemetry spans. `await using` closes it. */
export interface Tracing extends AsyncDisposable {
  /**
   * Creates a span of each request that `respond` answers; for `serve()`.
   *
   * @param routeOf - The route of a request, such as `/v1/runs/{id}`; `undefined` if no span is created for it
   */
  requests(routeOf: (incoming: IncomingMessage) => string | undefined, respond: Respond): Respond;
  /** Exports the remaining spans, and drops those that are not exported in time. @defaultValue 3 seconds */
  close(options?: { readonly timeoutMs?: number }): Promise<void>;
}
