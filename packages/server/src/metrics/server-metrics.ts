import type { Registry } from "prom-client";
import { createMetrics } from "./definitions.ts";
import { KnownNames } from "./known-names.ts";
import { gaugeReader } from "./read-gauges.ts";
import { recordEvent } from "./record-event.ts";
import { SharedMetrics } from "./shared-metrics.ts";
import type { MetricsSources } from "./sources.ts";

/** The metrics of a server. It counts events until it is disposed. */
export class ServerMetrics implements Disposable {
  readonly #registry: Registry;
  readonly #shared: SharedMetrics | undefined;
  readonly #stopListening: () => void;

  /** @param isShared - Whether the server is one of several processes. */
  constructor(sources: MetricsSources, isShared: boolean) {
    const metrics = createMetrics(gaugeReader(sources));
    const known = new KnownNames(sources.gateway, sources.roles);
    this.#registry = metrics.registry;
    this.#shared = isShared ? new SharedMetrics(metrics.registry) : undefined;
    this.#stopListening = sources.gateway.listen((event) => recordEvent(metrics, known, event));
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The metrics of all processes of the server, as text for Prometheus. */
  text(): Promise<string> {
    return this.#shared ? this.#shared.text() : this.#registry.metrics();
  }

  [Symbol.dispose](): void {
    this.#shared?.[Symbol.dispose]();
    this.#stopListening();
  }
}
