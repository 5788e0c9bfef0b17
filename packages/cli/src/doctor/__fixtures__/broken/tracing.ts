import { json, startServer } from "../../../test-support/start-server.ts";
import { elsewhere, type BrokenState } from "./state.ts";

export const tracingStates: readonly BrokenState[] = [
  [
    "tracing/variables: invalid",
    "OTEL_EXPORTER_OTLP_ENDPOINT is not a URL with http or https",
    () => ({ ...elsewhere, OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4317" }),
  ],
  [
    "tracing/variables: invalid",
    "OTEL_BSP_MAX_QUEUE_SIZE is not a number of spans, 1 or more",
    () => ({
      ...elsewhere,
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:2",
      OTEL_BSP_MAX_QUEUE_SIZE: "0",
    }),
  ],
  [
    "tracing/collector: unreachable",
    "http://127.0.0.1:2/v1/traces does not answer",
    () => ({ ...elsewhere, OTEL_EXPORTER_OTLP_ENDPOINT: "http://me:hunter22@127.0.0.1:2" }),
  ],
  [
    "tracing/collector: wrong-path",
    "gave HTTP 404",
    async ({ stack }) => {
      const server = stack.use(await startServer(json({})));
      return { ...elsewhere, OTEL_EXPORTER_OTLP_ENDPOINT: server.url };
    },
  ],
];
