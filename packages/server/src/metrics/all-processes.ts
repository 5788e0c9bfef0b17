import cluster, { type Worker } from "node:cluster";
import { AggregatorRegistry } from "prom-client";
import { Questions, readMessage, say, type ProcessMetric } from "./process-messages.ts";

type ProcessMetrics = readonly ProcessMetric[];

/** How long a process may take. One that hangs, or is starting, counts as it was last. */
const timeoutMs = 2000;

/**
 * Lets the processes of a cluster answer with the metrics of all: one of them gets the request, and asks. For
 * the primary process; the others call `serve({ sharesMetrics: true })`. What a process has counted stays when
 * it ends: a sum that went down would look like a restart of the whole server.
 */
export function mergeMetrics(): void {
  const all = new AllProcesses();
  cluster.on("message", (worker: Worker, received: unknown) => {
    const message = readMessage(received);
    if (message?.kind === "own") all.answer(message.of, message.metrics);
    if (message?.kind !== "get-all") return;
    const { of } = message;
    all.read().then(
      (text) => say(worker, { kind: "all", of, text }),
      () => say(worker, { kind: "all", of }),
    );
  });
  cluster.on("exit", (worker: Worker) => all.end(worker));
}

/** The metrics of all processes, as far as the primary process knows them. */
class AllProcesses {
  readonly #questions = new Questions<ProcessMetrics>();
  /** By the process that was asked last. */
  readonly #known = new Map<Worker, ProcessMetrics>();
  /** What those have counted that have ended, together. */
  #ended: Promise<ProcessMetrics> = Promise.resolve([]);

  /** @returns text for Prometheus */
  async read(): Promise<string> {
    await Promise.all(Object.values(cluster.workers ?? {}).map((worker) => this.#ask(worker)));
    // One that ends now is in one of the two.
    const known = [...this.#known.values()];
    const ended = await this.#ended;
    return sumOf([ended, ...known]).metrics();
  }

  answer(of: number, metrics: ProcessMetrics): void {
    this.#questions.answer(of, metrics);
  }

  end(worker: Worker): void {
    const counted = this.#known.get(worker)?.filter(({ type }) => type !== "gauge");
    this.#known.delete(worker);
    if (!counted) return;
    this.#ended = this.#ended.then(
      async (before) =>
        (await sumOf([before, counted]).getMetricsAsJSON()) as unknown as ProcessMetrics,
    );
  }

  async #ask(worker: Worker | undefined): Promise<void> {
    if (!worker?.isConnected()) return;
    const metrics = await this.#questions.ask(timeoutMs, (of) =>
      say(worker, { kind: "get-own", of }),
    );
    if (metrics && !worker.isDead()) this.#known.set(worker, metrics);
  }
}

function sumOf(metrics: readonly ProcessMetrics[]) {
  return AggregatorRegistry.aggregate(metrics as unknown as object[]);
}
