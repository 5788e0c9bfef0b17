import { RequestQueue, type WaitingRequest } from "@orchestra/core/limits";
import type { SyncOutcome } from "./sync-outcome.ts";

/** The calls of this process that wait for a slot. */
export class WaitingCalls {
  readonly queue = new RequestQueue<WaitingRequest>();
  /** Calls that have not been notified of their wait. */
  readonly #newcomers = new Set<WaitingRequest>();

  get size(): number {
    return this.queue.size;
  }

  has(call: WaitingRequest): boolean {
    return this.queue.has(call);
  }

  add(call: WaitingRequest): void {
    this.queue.add(call);
    this.#newcomers.add(call);
  }

  /** A call got a slot that came too late, and continues to wait. */
  renew(call: WaitingRequest): void {
    this.#newcomers.add(call);
  }

  toArray(): WaitingRequest[] {
    return this.queue.toArray();
  }

  failAll(reason: unknown): void {
    for (const call of this.queue.toArray()) call.fail(reason);
  }

  /**
   * Notifies calls that still wait after a sync: those that had not been notified, or all.
   *
   * @returns whether all of them continue to wait
   */
  notifyWaits(outcome: SyncOutcome, { notifiesAll }: { readonly notifiesAll: boolean }): boolean {
    let before = { calls: 0, tokens: 0 };
    let doAllWait = true;
    for (const call of outcome.left) {
      // The listener of an earlier call may have ended this wait, by an abort for example.
      const isNew = this.#newcomers.delete(call);
      if (!this.queue.has(call)) continue;
      const elsewhere = outcome.loadBefore(call);
      before = { calls: before.calls + 1, tokens: before.tokens + call.tokens };
      if (!call.hasWaitListener || !(isNew || notifiesAll)) continue;
      const load = {
        calls: before.calls + elsewhere.calls,
        tokens: before.tokens + elsewhere.tokens,
      };
      if (!call.notifyWait(outcome.waitOf(load))) doAllWait = false;
    }
    for (const call of this.#newcomers) if (!this.queue.has(call)) this.#newcomers.delete(call);
    return doAllWait;
  }
}
