import type { Database, Subscription } from "../database/index.ts";
import { Latch } from "../background/latch.ts";

/** How often a reader polls. It finds events whose notification was not sent or did not arrive. */
const pollMs = { notified: 10_000, unnotified: 1000 };
/** How long it continues to listen after the last watch has ended, in milliseconds. */
const lingerMs = 5000;

/** Notifies the readers of a run of its new events. It listens only while a run is followed. */
export class EventNotifier implements AsyncDisposable {
  readonly #database: Pick<Database, "listen" | "receivesNotifications">;
  readonly #channel: string;
  readonly #watches = new Map<string, Set<Watch>>();
  #subscription: Subscription | undefined;
  #isListening = false;
  #lingering: NodeJS.Timeout | undefined;

  /** @param channel - The channel on which {@link Announcer} notifies of changed runs. */
  constructor(database: Pick<Database, "listen" | "receivesNotifications">, channel: string) {
    this.#database = database;
    this.#channel = channel;
  }

  /** Maximum time of a wait, in milliseconds. */
  get pollMs(): number {
    const isNotified = this.#isListening && this.#database.receivesNotifications;
    return isNotified ? pollMs.notified : pollMs.unnotified;
  }

  /**
   * From now on no notification of this run is missed, until the watch is disposed.
   *
   * @param of - The events that wake the watch: any event, or only the end of the run.
   */
  watch(runId: string, of: "anything" | "its end" = "anything"): Watch {
    const watches = this.#watches.get(runId) ?? new Set();
    const watch = new Watch(of === "its end", () => {
      watches.delete(watch);
      if (watches.size === 0) this.#watches.delete(runId);
      if (this.#watches.size === 0) this.#linger();
    });
    this.#watches.set(runId, watches.add(watch));
    clearTimeout(this.#lingering);
    this.#subscription ??= this.#listen();
    return watch;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#lingering);
    this.#wakeAll();
    await this.#hangUp();
  }

  #listen(): Subscription {
    const onListening = () => {
      if (this.#subscription !== subscription) return;
      this.#isListening = true;
      // Earlier notifications were not received.
      this.#wakeAll();
    };
    const subscription = this.#database.listen(
      this.#channel,
      (payload) => {
        for (const [runId, hasEnded] of readPayload(payload)) this.#wake(runId, hasEnded);
      },
      onListening,
    );
    // Without it there is still polling.
    subscription.begun.then(onListening, () => undefined);
    return subscription;
  }

  #linger(): void {
    clearTimeout(this.#lingering);
    this.#lingering = setTimeout(() => void this.#hangUp(), lingerMs).unref();
  }

  async #hangUp(): Promise<void> {
    const subscription = this.#subscription;
    this.#subscription = undefined;
    this.#isListening = false;
    await subscription?.[Symbol.asyncDispose]();
  }

  #wake(runId: string, hasEnded: boolean): void {
    for (const watch of this.#watches.get(runId) ?? []) {
      if (hasEnded || !watch.isForEnd) watch.wake();
    }
  }

  /** It is unknown which notifications were missed. */
  #wakeAll(): void {
    for (const runId of this.#watches.keys()) this.#wake(runId, true);
  }
}

/** Ids of runs that have changed, and whether each has ended; empty for a payload of another form. */
function readPayload(payload: string): [string, boolean][] {
  try {
    const entries = JSON.parse(payload) as [string, number][];
    return entries.map(([runId, hasEnded]) => [runId, hasEnded === 1]);
  } catch {
    return [];
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
