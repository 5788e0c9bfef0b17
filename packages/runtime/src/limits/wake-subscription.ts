import { isOutage, type Database } from "../database/index.ts";
import { limitsChannel, type WakeMessage } from "./wake-message.ts";

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
  #subscription: Promise<AsyncDisposable | undefined> | undefined;
  #isListening = false;

  constructor(options: WakeSubscriptionOptions) {
    this.#options = options;
  }

  /** Whether messages arrive; calls that wait have to poll the database otherwise. */
  get isReceiving(): boolean {
    return this.#isListening && this.#options.database.hearsNotifications;
  }

  get isOpen(): boolean {
    return this.#subscription !== undefined;
  }

  open(): void {
    this.#subscription ??= this.#subscribe();
  }

  async close(): Promise<void> {
    await (await this.#subscription)?.[Symbol.asyncDispose]();
  }

  async #subscribe(): Promise<AsyncDisposable | undefined> {
    const { database, account, onMessage, onSubscribed } = this.#options;
    const onNotification = (payload: string) => {
      const message = JSON.parse(payload) as WakeMessage;
      if (message.account === account) onMessage(message);
    };
    try {
      const channel = limitsChannel(database);
      const subscription = await database.listen(channel, onNotification, onSubscribed);
      this.#isListening = true;
      onSubscribed();
      return subscription;
    } catch (error) {
      if (isOutage(error)) this.#subscription = undefined;
      return undefined;
    }
  }
}
