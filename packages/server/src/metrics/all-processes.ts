import cluster, { type Worker } from "node:cluster";
import { AggregatorRegistry } from "prom-client";
import {
  PendingRequests,
  readMessage,
  sendMessage,
  type ProcessMetric,
} from "./process-messages.ts";

type ProcessMetrics = readonly ProcessMetric[];

/** How long a process may take. For one that hangs or is starting, its last metrics count. */
const timeoutMs = 2000;

/**
 * Merges the metrics of the processes of a cluster, so that each process can answer with the metrics of all. The
 * primary process calls it; the others call `serve({ sharesMetrics: true })`. The counts of a process that ends are
 * kept: a lower sum would look like a restart of the whole server.
 */
export function mergeMetrics(): void {
  const all = new AllProcesses();
  cluster.on("message", (worker: Worker, received: unknown) => {
    const message = readMessage(received);
    if (message?.kind === "own") all.receive(message.id, message.metrics);
    if (message?.kind !== "get-all") return;
    const { id } = message;
    all.read().then(
      (text) => sendMessage(worker, { kind: "all", id, text }),
      () => sendMessage(worker, { kind: "all", id }),
    );
  });
  cluster.on("exit", (worker: Worker) => all.end(worker));
}

/** The metrics of all processes, as the primary process knows them. */
class AllProcesses {
  readonly #requests = new PendingRequests<ProcessMetrics>();
  /** The last metrics of each running process. */
  readonly #known = new Map<Worker, ProcessMetrics>();
  /** The sum of the metrics of processes that have ended. */
  #ended: Promise<ProcessMetrics> = Promise.resolve([]);

  /** @returns text for Prometheus */
  async read(): Promise<string> {
    await Promise.all(Object.values(cluster.workers ?? {}).map((worker) => this.#update(worker)));
    // Both are read at once: a process that ends in the meantime is counted once.
    const [known, ended] = [[...this.#known.values()], this.#ended];
    return sumOf([await ended, ...known]).metrics();
  }

  /** @param id - Id of the request that the metrics answer. */
  receive(id: number, metrics: ProcessMetrics): void {
    this.#requests.resolve(id, metrics);
  }

  /** Adds the last counts of a process that has ended to the sum. */
  end(worker: Worker): void {
    const counted = this.#known.get(worker)?.filter(({ type }) => type !== "gauge");
    this.#known.delete(worker);
    if (!counted) return;
    this.#ended = this.#ended.then(
      async (before) =>
        (await sumOf([before, counted]).getMetricsAsJSON()) as unknown as ProcessMetrics,
    );
  }

  async #update(worker: Worker | undefined): Promise<void> {
    if (!worker?.isConnected()) return;
    const metrics = await this.#requests.request(timeoutMs, (id) =>
      sendMessage(worker, { kind: "get-own", id }),
    );
    if (metrics && !worker.isDead()) this.#known.set(worker, metrics);
  }
}

function sumOf(metrics: readonly ProcessMetrics[]) {
  return AggregatorRegistry.aggregate(metrics as unknown as object[]);
}
