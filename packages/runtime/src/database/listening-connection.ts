import type { Client } from "pg";
import { breakConnection, endConnection } from "./break-connection.ts";
import { quoted } from "./quoted.ts";
import type { NotificationListener } from "./pooled-database.ts";
import { outlastOutages } from "./outlast-outages.ts";

interface Subscription {
  readonly channel: string;
  readonly onNotification: (payload: string) => void;
  readonly onReconnect: (() => void) | undefined;
}

/** How often a connection that only listens is asked for a sign of life, in milliseconds. */
const checkMs = 30_000;

/** One connection receives the notifications of all subscriptions. It is replaced when it breaks. */
export class ListeningConnection implements NotificationListener {
  readonly #createClient: () => Client;
  readonly #subscriptions = new Set<Subscription>();
  readonly #closed = new AbortController();
  #client: Promise<Client> | undefined;
  #subscribing: Promise<void> = Promise.resolve();
  #checking: Promise<void> | undefined;

  /** @param createClient - Creates a connection whose statements time out. */
  constructor(createClient: () => Client) {
    this.#createClient = createClient;
  }

  readonly listen: NotificationListener["listen"] = async (
    channel,
    onNotification,
    onReconnect,
  ) => {
    const subscription: Subscription = { channel, onNotification, onReconnect };
    this.#subscriptions.add(subscription);
    this.#client ??= this.#begin();
    await this.#subscribe(await this.#client, [channel]);
    return {
      [Symbol.asyncDispose]: async () => {
        this.#subscriptions.delete(subscription);
        if (this.#subscriptions.size === 0) await this.#hangUp();
      },
    };
  };

  readonly close = async (): Promise<void> => {
    this.#closed.abort();
    this.#subscriptions.clear();
    await this.#hangUp();
  };

  /** Asks the server for an answer. A connection that gives none in time is replaced. */
  readonly check = (): Promise<void> => {
    this.#checking ??= this.#check().finally(() => (this.#checking = undefined));
    return this.#checking;
  };

  async #check(): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    if (!client) return;
    await this.#next(async () => {
      await client.query("SELECT 1").catch(() => breakConnection(client));
    });
  }

  #subscribe(client: Client, channels: readonly string[]): Promise<void> {
    return this.#next(async () => {
      for (const channel of channels) await client.query(`LISTEN ${quoted(channel)}`);
    });
  }

  /** A connection has one query at a time. */
  #next(work: () => Promise<void>): Promise<void> {
    const done = this.#subscribing.then(work);
    this.#subscribing = done.catch(() => undefined);
    return done;
  }

  async #hangUp(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    const connected = await client?.catch(() => undefined);
    if (connected) await endConnection(connected);
  }

  /** The first subscription fails if the server does not answer; the connection continues to try. */
  async #begin(): Promise<Client> {
    try {
      return await this.#connect();
    } catch (error) {
      void this.#reconnect();
      throw error;
    }
  }

  async #connect(): Promise<Client> {
    const client = this.#createClient();
    let isConnected = false;
    let loss = undefined as Error | undefined;
    client.on("notification", ({ channel, payload = "" }) => {
      for (const subscription of this.#subscriptions) {
        if (subscription.channel === channel) subscription.onNotification(payload);
      }
    });
    const checking = setInterval(() => void this.check(), checkMs).unref();
    const onLoss = (reason = new Error("Connection terminated")) => {
      if (loss) return;
      loss = reason;
      clearInterval(checking);
      client.end().catch(() => undefined);
      // The caller retries a connection that was never made. A retry here as well would multiply them.
      if (isConnected) void this.#reconnect();
    };
    client.on("error", onLoss);
    client.on("end", onLoss);
    try {
      await client.connect();
    } catch (error) {
      clearInterval(checking);
      throw error;
    }
    if (loss) throw loss;
    isConnected = true;
    return client;
  }

  async #reconnect(): Promise<void> {
    if (this.#closed.signal.aborted || this.#subscriptions.size === 0) return;
    const { signal } = this.#closed;
    // Without it there is only polling, so that it is tried again after any error.
    this.#client = outlastOutages(() => this.#connect(), { signal, outlasts: () => true });
    try {
      const client = await this.#client;
      const channels = new Set([...this.#subscriptions].map(({ channel }) => channel));
      await this.#subscribe(client, [...channels]);
      for (const { onReconnect } of this.#subscriptions) onReconnect?.();
    } catch {
      // Closed meanwhile, or broken again, which `onLoss` handles.
    }
  }
}
