import type { Database } from "../database/index.ts";
import { Latch } from "../latch.ts";

/** Tells those who watch a run that there is news of it. */
export class News implements AsyncDisposable {
  readonly #watches = new Map<string, Set<Watch>>();
  readonly #subscription: Promise<AsyncDisposable>;

  /** @param channel - On which payloads begin with the run's id. */
  constructor(database: Database, channel: string) {
    this.#subscription = database.listen(
      channel,
      (payload) => this.#wake(payload.split(" ", 1)[0] ?? ""),
      () => this.#wakeAll(),
    );
    // Without it there is still the polling of those who watch.
    this.#subscription.catch(() => undefined);
  }

  /** From now on no news of this run is missed, until the watch is disposed of. */
  watch(runId: string): Watch {
    const watches = this.#watches.get(runId) ?? new Set();
    const watch = new Watch(() => {
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

  #wake(runId: string): void {
    for (const watch of this.#watches.get(runId) ?? []) watch.wake();
  }

  #wakeAll(): void {
    for (const runId of this.#watches.keys()) this.#wake(runId);
  }
}

/** Whoever waits for news of one run. */
export class Watch extends Latch implements Disposable {
  readonly #onDispose: () => void;

  constructor(onDispose: () => void) {
    super();
    this.#onDispose = onDispose;
  }

  [Symbol.dispose](): void {
    this.wake();
    this.#onDispose();
  }
}
