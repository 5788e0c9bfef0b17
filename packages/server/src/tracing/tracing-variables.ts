/** A variable of OpenTelemetry's SDK that affects the export of spans. */
export interface TracingVariable {
  readonly name: string;
  /** Its values. */
  readonly value: string;
  /** Of a number: the smallest and the largest. */
  readonly range?: readonly [min: number, max: number];
  /** The behavior if it is not set. */
  readonly without: string;
  /** In Markdown. */
  readonly does: string;
}

/** The longest time of a timer of Node.js is 2³¹ - 1 milliseconds. */
const milliseconds = {
  value: "a number of milliseconds from 1 to 2147483647",
  range: [1, 2_147_483_647],
} as const;
const spans = { value: "a number of spans, 1 or more", range: [1, Infinity] } as const;

/**
 * The variables that the export of spans reads, in addition to the settings of Orchestra. `docs/configuration.md`
 * is generated from this.
 */
export const tracingVariables: readonly TracingVariable[] = [
  {
    name: "OTEL_EXPORTER_OTLP_ENDPOINT",
    value: "a URL with http or https",
    without: "nothing is exported",
    does: "Root URL of the collector. Spans go to `/v1/traces` there.",
  },
  {
    name: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    value: "a URL with http or https",
    without: "derived from the root URL",
    does: "Whole URL that spans go to. It has precedence over the root URL.",
  },
  {
    name: "OTEL_EXPORTER_OTLP_HEADERS",
    value: "`name=value`, separated by commas, in percent-encoding",
    without: "none",
    does: "Headers of the export, such as `authorization=Bearer%20key`.",
  },
  {
    name: "OTEL_EXPORTER_OTLP_TIMEOUT",
    ...milliseconds,
    without: "`10000`",
    does: "Timeout of one export, with its retries.",
  },
  {
    name: "OTEL_EXPORTER_OTLP_COMPRESSION",
    value: "`gzip` or `none`",
    without: "`none`",
    does: "Compression of the export.",
  },
  {
    name: "OTEL_EXPORTER_OTLP_CERTIFICATE",
    value: "a path",
    without: "those of Node.js",
    does: "File with the certificates of the authorities that are trusted for the collector.",
  },
  {
    name: "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
    value: "a path",
    without: "none",
    does: "File with the certificate of this client, for a collector that requires one.",
  },
  {
    name: "OTEL_EXPORTER_OTLP_CLIENT_KEY",
    value: "a path",
    without: "none",
    does: "File with the key of that certificate.",
  },
  {
    name: "OTEL_SERVICE_NAME",
    value: "a name",
    without: "`orchestra`",
    does: "Name of the service.",
  },
  {
    name: "OTEL_RESOURCE_ATTRIBUTES",
    value: "`name=value`, separated by commas",
    without: "none",
    does: "Further attributes of the service, such as `deployment.environment.name=staging`.",
  },
  {
    name: "OTEL_TRACES_SAMPLER",
    value: "a sampler, such as `parentbased_traceidratio`",
    without: "`parentbased_always_on`",
    does: "Which traces are exported. By default: those that the client samples, and all that begin here.",
  },
  {
    name: "OTEL_TRACES_SAMPLER_ARG",
    value: "a number from 0 to 1",
    range: [0, 1],
    without: "`1`",
    does: "The part of the traces that a sampler by ratio keeps.",
  },
  {
    name: "OTEL_BSP_SCHEDULE_DELAY",
    ...milliseconds,
    without: "`5000`",
    does: "How long spans are collected before they are exported.",
  },
  {
    name: "OTEL_BSP_MAX_QUEUE_SIZE",
    ...spans,
    without: "`2048`",
    does: "Maximum number of spans that wait for the collector. Later ones are dropped.",
  },
  {
    name: "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
    ...spans,
    without: "`512`",
    does: "Maximum number of spans in one request.",
  },
  {
    name: "OTEL_BSP_EXPORT_TIMEOUT",
    ...milliseconds,
    without: "`30000`",
    does: "Timeout of one batch, above that of its export.",
  },
  {
    name: "OTEL_SDK_DISABLED",
    value: "true or false",
    without: "`false`",
    does: "`true` turns the export off.",
  },
  {
    name: "OTEL_TRACES_EXPORTER",
    value: "`otlp` or `none`",
    without: "`otlp`",
    does: "`none` turns the export off.",
  },
];
