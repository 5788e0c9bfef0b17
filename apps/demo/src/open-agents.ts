import { setTimeout as sleep } from "node:timers/promises";
import type { OrchestraEvent } from "@orchestra/core";

/** Knows which agents are still at work. */
export class OpenAgents {
  #open = 0;
  #allEnded = Promise.withResolvers<void>();

  on({ type }: OrchestraEvent): void {
    if (type === "agent-start") {
      if (this.#open === 0) this.#allEnded = Promise.withResolvers();
      this.#open += 1;
    } else if (type === "agent-end") {
      this.#open -= 1;
      if (this.#open === 0) this.#allEnded.resolve();
    }
  }

  /**
   * The outcome of the work, as soon as no agent is at it any more, or that much later. A graph
   * that is aborted rejects at once, a moment before its agents have written down what they spent.
   */
  async waitForAgents<T>(work: Promise<T>, longestMs: number): Promise<T> {
    try {
      return await work;
    } finally {
      const tooLate = sleep(longestMs, undefined, { ref: false });
      if (this.#open > 0) await Promise.race([this.#allEnded.promise, tooLate]);
    }
  }
}
