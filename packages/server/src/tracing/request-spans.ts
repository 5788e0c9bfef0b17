import type { IncomingMessage, ServerResponse } from "node:http";
import { SpanStatusCode, trace, type Tracer } from "@opentelemetry/api";
import type { ActiveRequest } from "./active-request.ts";
import { readContext, writeContext } from "./propagator.ts";
import { requestSpan, responseAttributes } from "./span-data.ts";
import type { Respond } from "./tracing.ts";

/**
 * Creates a span of each request, in the trace of its header `traceparent`, or in a new one. The request
 * continues with the span in that header, so that work that it starts for later, such as a run, stores it.
 */
export function traceRequests(
  tracer: Tracer,
  active: ActiveRequest,
  routeOf: (incoming: IncomingMessage) => string | undefined,
  respond: Respond,
): Respond {
  return (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const route = routeOf(incoming);
    if (route === undefined) return respond(incoming, outgoing);
    const parent = readContext(incoming.headers);
    const { name, ...data } = requestSpan(incoming.method ?? "", route);
    const span = tracer.startSpan(name, data, parent);
    const context = trace.setSpan(parent, span);
    writeContext(context, incoming.headers);
    return active.run(context, (end) => {
      outgoing.once("close", () => {
        end();
        const { statusCode, writableFinished } = outgoing;
        span.setAttributes(responseAttributes(statusCode, writableFinished));
        if (statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      });
      return respond(incoming, outgoing);
    });
  };
}
