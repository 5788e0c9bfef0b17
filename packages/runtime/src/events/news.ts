import type { Database } from "../database/index.ts";
import { Latch } from "../latch.ts";

/** Notifies the listeners of a run of its new events. */
export class News implements AsyncDisposable {
  readonly #watches = new Map<string, Set<Watch>>();
  readonly #subscription: Promise<AsyncDisposable>;

  /** @param channel - On which payloads are as {@link EventStore.channel} says. */
  constructor(database: Database, channel: string) {
    this.#subscription = database.listen(
      channel,
      (payload) => {
        const [runId = "", , end] = payload.split(" ");
        this.#wake(runId, end !== undefined);
      },
      () => this.#wakeAll(),
    );
    // Without it there is still the polling of those who watch.
    this.#subscription.catch(() => undefined);
  }

  /**
   * From now on no notification of this run is missed, until the watch is disposed of.
   *
   * @param of - What is news: anything, or only that it has ended.
   */
  watch(runId: string, of: "anything" | "its end" = "anything"): Watch {
    const watches = this.#watches.get(runId) ?? new Set();
    const watch = new Watch(of === "its end", () => {
      watches.delete(watch);
      if (watches.size === 0) this.#watches.delete(runId);
    });
    this.#watches.set(runId, watches.add(watch));
    return watch;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#wakeAll();
    const subscription = await this.#subscription.catch(() => undefined);
    await subscription?.[Symbol.asyncDispose]();
  }

  #wake(runId: string, hasEnded: boolean): void {
    for (const watch of this.#watches.get(runId) ?? []) {
      if (hasEnded || !watch.isForEnd) watch.wake();
    }
  }

  /** Who knows what was missed. */
  #wakeAll(): void {
    for (const runId of this.#watches.keys()) this.#wake(runId, true);
  }
}

/** A listener of one run. */
export class Watch extends Latch implements Disposable {
  readonly isForEnd: boolean;
  readonly #onDispose: () => void;

  constructor(isForEnd: boolean, onDispose: () => void) {
    super();
    this.isForEnd = isForEnd;
    this.#onDispose = onDispose;
  }

  [Symbol.dispose](): void {
    this.wake();
    this.#onDispose();
  }
}
