import { setTimeout as sleep } from "node:timers/promises";
import type { OrchestraEvent } from "@orchestra/core";

/** The agents and the model calls that have not ended. */
export class OpenWork {
  #agents = 0;
  readonly #calls = new Set<string>();
  #allEnded = Promise.withResolvers<void>();

  on(event: OrchestraEvent): void {
    const wasOpen = this.#isOpen;
    if (event.type === "agent-start") this.#agents += 1;
    if (event.type === "agent-end") this.#agents -= 1;
    if (event.type === "attempt-start") this.#calls.add(event.callId);
    if (event.type === "call-end") this.#calls.delete(event.callId);
    if (this.#isOpen === wasOpen) return;
    if (wasOpen) this.#allEnded.resolve();
    else this.#allEnded = Promise.withResolvers();
  }

  /**
   * Resolves to the outcome of the work when all agents and calls have ended, or after the maximum time. An aborted
   * graph rejects at once, before its agents have ended, and an agent before its call has ended.
   */
  async waitForEnd<T>(work: Promise<T>, maxMs: number): Promise<T> {
    try {
      return await work;
    } finally {
      const tooLate = sleep(maxMs, undefined, { ref: false });
      if (this.#isOpen) await Promise.race([this.#allEnded.promise, tooLate]);
    }
  }

  get #isOpen(): boolean {
    return this.#agents > 0 || this.#calls.size > 0;
  }
}
