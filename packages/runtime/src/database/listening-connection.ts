import type { Client } from "pg";
import { breakConnection, endConnection } from "./break-connection.ts";
import { quoted } from "./quoted.ts";
import type { NotificationListener } from "./pooled-database.ts";
import { outlastOutages } from "./outlast-outages.ts";

interface Listener {
  readonly channel: string;
  readonly onNotification: (payload: string) => void;
  readonly onReconnect: (() => void) | undefined;
}

/** A connection, and the channels whose notifications it receives. */
interface Link {
  readonly client: Client;
  readonly channels: Set<string>;
}

/** Interval at which a connection that only listens is checked, in milliseconds. */
const checkMs = 30_000;

/** One connection receives the notifications of all subscriptions. It is replaced when it breaks. */
export class ListeningConnection implements NotificationListener {
  readonly #createClient: () => Client;
  readonly #listeners = new Set<Listener>();
  #link: Promise<Link> | undefined;
  /** Ends the attempts to connect, because their subscriptions have ended. */
  #hangingUp = new AbortController();
  #isClosed = false;
  #querying: Promise<void> = Promise.resolve();
  #checking: Promise<void> | undefined;

  /** @param createClient - Creates a connection whose statements time out. */
  constructor(createClient: () => Client) {
    this.#createClient = createClient;
  }

  readonly listen: NotificationListener["listen"] = (channel, onNotification, onReconnect) => {
    const listener: Listener = { channel, onNotification, onReconnect };
    this.#listeners.add(listener);
    const begun = this.#begin(channel);
    begun.catch(() => undefined);
    return {
      begun,
      [Symbol.asyncDispose]: async () => {
        this.#listeners.delete(listener);
        if (this.#listeners.size === 0) await this.#hangUp();
      },
    };
  };

  readonly close = async (): Promise<void> => {
    this.#isClosed = true;
    this.#listeners.clear();
    await this.#hangUp();
  };

  /** Sends a query. A connection that does not answer in time is replaced. */
  readonly check = (): Promise<void> => {
    this.#checking ??= this.#check().finally(() => (this.#checking = undefined));
    return this.#checking;
  };

  async #check(): Promise<void> {
    const link = await this.#link?.catch(() => undefined);
    if (link) await this.#query(link, "SELECT 1").catch(() => undefined);
  }

  /** The first subscription fails if the server does not answer; the connection continues to try. */
  async #begin(channel: string): Promise<void> {
    if (this.#isClosed) throw new Error("The database is closed");
    this.#link ??= this.#connectFirst();
    await this.#receive(await this.#link, channel);
  }

  async #receive(link: Link, channel: string): Promise<void> {
    if (link.channels.has(channel)) return;
    await this.#query(link, `LISTEN ${quoted(channel)}`);
    link.channels.add(channel);
  }

  /** A connection has one query at a time. */
  #query({ client }: Link, text: string): Promise<void> {
    const done = this.#querying.then(() => queryOrBreak(client, text));
    this.#querying = done.catch(() => undefined);
    return done;
  }

  async #hangUp(): Promise<void> {
    const link = this.#link;
    this.#link = undefined;
    this.#hangingUp.abort(new Error("No one listens any more"));
    this.#hangingUp = new AbortController();
    const connected = await link?.catch(() => undefined);
    if (connected) await endConnection(connected.client);
  }

  async #connectFirst(): Promise<Link> {
    const { signal } = this.#hangingUp;
    try {
      return await this.#connect(signal);
    } catch (error) {
      void this.#reconnect(signal);
      throw error;
    }
  }

  async #connect(signal: AbortSignal): Promise<Link> {
    const client = this.#createClient();
    const link: Link = { client, channels: new Set() };
    let isConnected = false;
    let loss = undefined as Error | undefined;
    client.on("notification", ({ channel, payload = "" }) => {
      for (const listener of this.#listeners) {
        if (listener.channel === channel) listener.onNotification(payload);
      }
    });
    const checking = setInterval(() => void this.check(), checkMs).unref();
    const onLoss = (reason = new Error("Connection terminated")) => {
      if (loss) return;
      loss = reason;
      clearInterval(checking);
      client.end().catch(() => undefined);
      // The caller retries if a first connection fails. A retry here as well would multiply the attempts.
      if (isConnected) void this.#reconnect(signal);
    };
    client.on("error", onLoss);
    client.on("end", onLoss);
    try {
      await connectUnlessAborted(client, signal);
      for (const { channel } of this.#listeners) await this.#receive(link, channel);
    } catch (error) {
      clearInterval(checking);
      throw error;
    }
    if (loss) throw loss;
    isConnected = true;
    return link;
  }

  async #reconnect(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    // Without it there is only polling, so it is retried after any error.
    this.#link = outlastOutages(() => this.#connect(signal), { signal, outlasts: () => true });
    try {
      await this.#link;
    } catch {
      return;
    }
    for (const { onReconnect } of this.#listeners) onReconnect?.();
  }
}

/** A connection whose query fails cannot be used. */
async function queryOrBreak(client: Client, text: string): Promise<void> {
  try {
    await client.query(text);
  } catch (error) {
    breakConnection(client);
    throw error;
  }
}

/** @throws the signal's reason, at once: a server that does not answer is not waited for */
async function connectUnlessAborted(client: Client, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const connecting = client.connect();
  const onAbort = () => {
    reject(signal.reason as Error);
    breakConnection(client);
    // If it was only looking for its host, it connects later.
    connecting.then(() => endConnection(client)).catch(() => undefined);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    await Promise.race([connecting, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
