import type { Database, Subscription } from "../database/index.ts";
import { limitsChannel, readWakeMessage, type WakeMessage } from "./wake-message.ts";

export interface WakeSubscriptionOptions {
  readonly database: Database;
  readonly account: string;
  readonly onMessage: (message: WakeMessage) => void;
  /** Messages may have been missed before this. */
  readonly onSubscribed: () => void;
}

/** Receives the messages of other processes that use the account. */
export class WakeSubscription {
  readonly #options: WakeSubscriptionOptions;
  #subscription: Subscription | undefined;
  #isListening = false;

  constructor(options: WakeSubscriptionOptions) {
    this.#options = options;
  }

  /** Whether messages arrive; calls that wait have to poll the database otherwise. */
  get isReceiving(): boolean {
    return this.#isListening && this.#options.database.receivesNotifications;
  }

  get isOpen(): boolean {
    return this.#subscription !== undefined;
  }

  open(): void {
    this.#subscription ??= this.#subscribe();
  }

  async close(): Promise<void> {
    await this.#subscription?.[Symbol.asyncDispose]();
  }

  #subscribe(): Subscription {
    const { database, account, onMessage, onSubscribed } = this.#options;
    const onNotification = (payload: string) => {
      const message = readWakeMessage(payload);
      if (message?.account === account) onMessage(message);
    };
    const onBegun = () => {
      this.#isListening = true;
      onSubscribed();
    };
    const subscription = database.listen(limitsChannel(database), onNotification, onBegun);
    // Without it calls that wait poll the database.
    subscription.begun.then(onBegun, () => undefined);
    return subscription;
  }
}
