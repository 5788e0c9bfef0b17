import { createMetrics } from "./definitions.ts";
import { KnownNames } from "./known-names.ts";
import { gaugeReader } from "./read-gauges.ts";
import { recordEvent } from "./record-event.ts";
import { shareMetrics } from "./shared-metrics.ts";
import type { MetricsSources } from "./sources.ts";

/** The counts of a server, until it is disposed. */
export class ServerMetrics implements Disposable {
  readonly contentType: string;
  /** The metrics of all processes of the server, as text for Prometheus. */
  readonly text: () => Promise<string>;
  readonly #stop: () => void;

  /** @param isShared - Whether the server is one of several processes. */
  constructor(sources: MetricsSources, isShared: boolean) {
    const metrics = createMetrics(gaugeReader(sources));
    const { registry } = metrics;
    const known = new KnownNames(sources.gateway, sources.roles);
    this.#stop = sources.gateway.listen((event) => recordEvent(metrics, known, event));
    this.contentType = registry.contentType;
    this.text = isShared ? shareMetrics(registry) : () => registry.metrics();
  }

  [Symbol.dispose](): void {
    this.#stop();
  }
}
