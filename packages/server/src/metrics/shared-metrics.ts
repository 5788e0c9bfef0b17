import type { Registry } from "prom-client";
import {
  PendingRequests,
  readMessage,
  sendMessage,
  type ProcessMetric,
} from "./process-messages.ts";

/** Longer than the primary process waits for the others. */
const timeoutMs = 10_000;

/**
 * The metrics of all processes of a cluster, which the primary process merges. Until it is disposed, it sends the
 * metrics of this process to the primary process on request.
 */
export class SharedMetrics implements Disposable {
  readonly #registry: Registry;
  readonly #requests = new PendingRequests<string | undefined>();

  constructor(registry: Registry) {
    this.#registry = registry;
    process.on("message", this.#onMessage);
  }

  /** @returns text for Prometheus */
  async text(): Promise<string> {
    const text = await this.#requests.request(timeoutMs, (id) =>
      sendMessage(process, { kind: "get-all", id }),
    );
    if (text !== undefined) return text;
    throw new Error("The primary process did not return the metrics of all processes.");
  }

  [Symbol.dispose](): void {
    process.off("message", this.#onMessage);
  }

  readonly #onMessage = (received: unknown): void => {
    const message = readMessage(received);
    if (message?.kind === "all") this.#requests.resolve(message.id, message.text);
    if (message?.kind === "get-own") void this.#sendOwn(message.id);
  };

  /** Does not reject: gauges that cannot be read keep their last values. */
  async #sendOwn(id: number): Promise<void> {
    const metrics =
      (await this.#registry.getMetricsAsJSON()) as unknown as readonly ProcessMetric[];
    sendMessage(process, { kind: "own", id, metrics });
  }
}
