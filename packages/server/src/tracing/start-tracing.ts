import { setTimeout as sleep } from "node:timers/promises";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from "@opentelemetry/resources";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { Gateway } from "@orchestra/core";
import { ActiveRequest } from "./active-request.ts";
import { EventSpans } from "./event-spans.ts";
import { ReportingExporter } from "./reporting-exporter.ts";
import { traceRequests } from "./request-spans.ts";
import { RunTraceIds } from "./run-trace-ids.ts";
import type { Tracing } from "./tracing.ts";

/** Loads the SDK of OpenTelemetry, which reads its variables, and listens to what happens in a gateway. */
export function startTracing(gateway: Gateway): Tracing {
  const ids = new RunTraceIds();
  const exporter = new ReportingExporter(new OTLPTraceExporter(), gateway.logger);
  const provider = new BasicTracerProvider({
    idGenerator: ids,
    resource: describeService(),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  const tracer = provider.getTracer("orchestra");
  const active = new ActiveRequest();
  const stop = gateway.listen(new EventSpans(tracer, ids, active).listen);
  const end = async (timeoutMs: number): Promise<void> => {
    const late = sleep(timeoutMs, "late" as const, { ref: false });
    const done = provider.shutdown().catch((error: Error) => exporter.fail(error.message));
    if ((await Promise.race([done, late])) === "late") {
      exporter.fail("the collector did not answer in time");
    }
  };
  let closing: Promise<void> | undefined;
  const close = ({ timeoutMs = 3000 } = {}): Promise<void> => {
    stop();
    closing ??= end(timeoutMs);
    return closing;
  };
  return {
    requests: (routeOf, respond) => traceRequests(tracer, active, routeOf, respond),
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}

/** `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` have precedence over the name here. */
function describeService() {
  const detected = detectResources({ detectors: [envDetector, serviceInstanceIdDetector] });
  return defaultResource()
    .merge(resourceFromAttributes({ "service.name": "orchestra" }))
    .merge(detected);
}
