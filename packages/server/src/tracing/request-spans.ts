import type { IncomingMessage, ServerResponse } from "node:http";
import {
  defaultTextMapGetter,
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import type { ActiveRequest } from "./active-request.ts";
import { requestSpan, responseAttributes } from "./span-data.ts";
import type { Respond } from "./tracing.ts";

const propagator = new W3CTraceContextPropagator();

/** Makes a span of each request, in the trace of its header `traceparent`, or in one of its own. */
export function traceRequests(
  tracer: Tracer,
  active: ActiveRequest,
  routeOf: (incoming: IncomingMessage) => string | undefined,
  respond: Respond,
): Respond {
  return (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const route = routeOf(incoming);
    if (route === undefined) return respond(incoming, outgoing);
    const parent = propagator.extract(ROOT_CONTEXT, incoming.headers, defaultTextMapGetter);
    const { name, ...data } = requestSpan(incoming.method ?? "", route);
    const span = tracer.startSpan(name, data, parent);
    return active.run(trace.setSpan(parent, span), (end) => {
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
