import cluster, { type Worker } from "node:cluster";
import { AggregatorRegistry } from "prom-client";

const type = "orchestra:metrics";
const timeoutMs = 10_000;

interface Question {
  readonly type: typeof type;
  readonly id: number;
}
interface Answer extends Question {
  /** Absent where the metrics could not be read. */
  readonly text?: string;
}

const waiting = new Map<number, (answer: Answer) => void>();
let asked = 0;
let isListening = false;

/**
 * Lets the processes of a cluster answer with the metrics of all: one of them gets the request, and asks. For
 * the primary process; the others call `serve({ sharesMetrics: true })`.
 */
export function mergeMetrics(): void {
  const all = new AggregatorRegistry();
  cluster.on("message", (worker: Worker, { type: of, id }: Question) => {
    if (of !== type) return;
    const send = (text?: string) => void (worker.isConnected() && worker.send({ type, id, text }));
    all.clusterMetrics().then(send, () => send());
  });
}

/** Asks the primary process for the metrics of all. */
export async function askPrimary(): Promise<string> {
  const id = (asked += 1);
  const { promise, resolve } = Promise.withResolvers<Answer>();
  waiting.set(id, resolve);
  if (!isListening) process.on("message", onMessage);
  isListening = true;
  const timer = setTimeout(() => resolve({ type, id }), timeoutMs);
  process.send?.({ type, id } satisfies Question);
  const { text } = await promise;
  clearTimeout(timer);
  waiting.delete(id);
  if (text !== undefined) return text;
  throw new Error("The other processes have not reported their metrics");
}

function onMessage(message: unknown): void {
  const { type: of, id } = message as Answer;
  if (of === type) waiting.get(id)?.(message as Answer);
}
