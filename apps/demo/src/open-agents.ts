import { setTimeout as sleep } from "node:timers/promises";
import type { OrchestraEvent } from "@orchestra/core";

/** Counts the agents that are running. */
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
   * The outcome of the work, when all agents have ended, or after the longest time. An aborted graph
   * rejects at once, a moment before its agents have recorded their costs.
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
