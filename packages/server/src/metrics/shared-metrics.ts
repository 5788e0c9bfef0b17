import type { Registry } from "prom-client";
import { Questions, readMessage, say } from "./process-messages.ts";

/** Longer than the primary process waits for the others. */
const timeoutMs = 10_000;

/**
 * Tells the primary process of a cluster the metrics of this one, whenever it asks.
 *
 * @returns asks the primary process for the metrics of all, as text for Prometheus
 */
export function shareMetrics(registry: Registry): () => Promise<string> {
  const questions = new Questions<string | undefined>();
  process.on("message", (received: unknown) => {
    const message = readMessage(received);
    if (message?.kind === "all") questions.answer(message.of, message.text);
    if (message?.kind === "get-own") void tell(registry, message.of);
  });
  return async () => {
    const text = await questions.ask(timeoutMs, (of) => say(process, { kind: "get-all", of }));
    if (text !== undefined) return text;
    throw new Error("The other processes have not reported their metrics");
  };
}

/** Gauges that cannot be read stay as they were: nothing rejects. */
async function tell(registry: Registry, of: number): Promise<void> {
  const metrics = (await registry.getMetricsAsJSON()) as unknown as readonly { type: string }[];
  say(process, { kind: "own", of, metrics });
}
