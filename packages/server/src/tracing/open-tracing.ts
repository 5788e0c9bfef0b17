import type { Gateway } from "@orchestra/core";
import { findCollector } from "./find-collector.ts";
import type { Tracing } from "./tracing.ts";

/**
 * Exports the model calls and agents of a gateway or an orchestra as OpenTelemetry spans, if the environment of the
 * process has the URL of a collector: `OTEL_EXPORTER_OTLP_ENDPOINT` or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`. The SDK of
 * OpenTelemetry reads its other variables itself. Without a URL it is not loaded.
 *
 * @returns `undefined` if there is no URL, a variable is invalid (the log reports this), or tracing is turned off by
 * `OTEL_SDK_DISABLED=true` or `OTEL_TRACES_EXPORTER=none`
 *
 * @example
 * ```ts
 * await using tracing = await openTracing(orchestra);
 * await using server = await serve({ orchestra, tracing });
 * ```
 */
export async function openTracing(gateway: Gateway): Promise<Tracing | undefined> {
  // The SDK has no other source of its settings.
  const collector = findCollector(process.env);
  if (!collector) return undefined;
  if (!collector.url) {
    gateway.logger.warn(`traces are not exported: ${collector.problem}`);
    return undefined;
  }
  const { startTracing } = await import("./start-tracing.ts");
  return startTracing(gateway);
}
