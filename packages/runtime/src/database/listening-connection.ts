import { Client, type ClientConfig } from "pg";
import type { Ears } from "./pooled-database.ts";
import { outlastOutages } from "./outage.ts";

interface Listener {
  readonly channel: string;
  readonly onNotification: (payload: string) => void;
  readonly onReconnect: (() => void) | undefined;
}

/** One connection hears for everybody, and is replaced when it breaks. */
export class ListeningConnection implements Ears {
  readonly #config: ClientConfig;
  readonly #listeners = new Set<Listener>();
  readonly #closed = new AbortController();
  #client: Promise<Client> | undefined;
  #subscribing: Promise<void> = Promise.resolve();

  constructor(config: ClientConfig) {
    this.#config = config;
  }

  readonly listen: Ears["listen"] = async (channel, onNotification, onReconnect) => {
    const listener: Listener = { channel, onNotification, onReconnect };
    this.#listeners.add(listener);
    this.#client ??= this.#begin();
    await this.#subscribe(await this.#client, [channel]);
    return {
      [Symbol.asyncDispose]: async () => {
        this.#listeners.delete(listener);
        if (this.#listeners.size === 0) await this.#hangUp();
      },
    };
  };

  readonly close = async (): Promise<void> => {
    this.#closed.abort();
    this.#listeners.clear();
    await this.#hangUp();
  };

  /** One after the other: a connection has one query at a time. */
  #subscribe(client: Client, channels: readonly string[]): Promise<void> {
    const listen = async (): Promise<void> => {
      for (const channel of channels) await client.query(`LISTEN ${identifier(channel)}`);
    };
    const subscribing = this.#subscribing.then(listen);
    this.#subscribing = subscribing.catch(() => undefined);
    return subscribing;
  }

  async #hangUp(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await (await client?.catch(() => undefined))?.end().catch(() => undefined);
  }

  /** The first listener fails if the server does not answer; the connection continues to try. */
  async #begin(): Promise<Client> {
    try {
      return await this.#connect();
    } catch (error) {
      void this.#reconnect();
      throw error;
    }
  }

  async #connect(): Promise<Client> {
    const client = new Client({ ...this.#config, keepAlive: true });
    let isThere = false;
    let loss = undefined as Error | undefined;
    client.on("notification", ({ channel, payload = "" }) => {
      for (const listener of this.#listeners) {
        if (listener.channel === channel) listener.onNotification(payload);
      }
    });
    const onLoss = (reason = new Error("Connection terminated")) => {
      if (loss) return;
      loss = reason;
      client.end().catch(() => undefined);
      // A connection that was never made is tried again by its caller. To try here too would double the connections.
      if (isThere) void this.#reconnect();
    };
    client.on("error", onLoss);
    client.on("end", onLoss);
    await client.connect();
    if (loss) throw loss;
    isThere = true;
    return client;
  }

  async #reconnect(): Promise<void> {
    if (this.#closed.signal.aborted || this.#listeners.size === 0) return;
    const { signal } = this.#closed;
    this.#client = outlastOutages(() => this.#connect(), { signal, outlasts: whateverItIs });
    try {
      const client = await this.#client;
      const channels = new Set([...this.#listeners].map(({ channel }) => channel));
      await this.#subscribe(client, [...channels]);
      for (const { onReconnect } of this.#listeners) onReconnect?.();
    } catch {
      // Closed meanwhile, or broken once more, of which `onLoss` hears.
    }
  }
}

/** Without ears there is only polling, so that nothing is a reason to give up. */
function whateverItIs(): boolean {
  return true;
}

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
