import {
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  type Context,
} from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";

const propagator = new W3CTraceContextPropagator();

/** An object from which trace context is read, or to which it is written, such as the headers of a request. */
type Carrier = Record<string, string | string[] | undefined>;

/** @returns the context of the carrier's `traceparent`, or the given context if it has no valid one */
export function readContext(carrier: Carrier, other: Context = ROOT_CONTEXT): Context {
  return propagator.extract(other, carrier, defaultTextMapGetter);
}

/** Replaces the carrier's `traceparent` by that of the context's span. */
export function writeContext(context: Context, carrier: Carrier): void {
  propagator.inject(context, carrier, defaultTextMapSetter);
}
