import { callbackify } from "node:util";
import { Client, Pool, type ClientConfig } from "pg";
import { breakConnection } from "./break-connection.ts";
import { parseConnectionUrl } from "./connection-url.ts";
import { PrimaryLocator } from "./primary-locator.ts";
import { watchSettings } from "./session-settings.ts";

export interface ConnectionOptions {
  /** Maximum time of a statement, and of a pause in a transaction, in milliseconds. @defaultValue none */
  readonly timeoutMs?: number | undefined;
  /** Maximum time to connect, and to wait for a free connection, in milliseconds. @defaultValue `10_000` */
  readonly connectTimeoutMs?: number | undefined;
}

const defaultConnectTimeoutMs = 10_000;
const keepAliveMs = 10_000;
const idleTimeoutMs = 30_000;
/** Older connections are replaced, so that they are distributed over the servers behind one name. */
const maxLifetimeSeconds = 1800;

/** The server of a `DATABASE_URL`, or the one of several servers that accepts writes. Creates all connections. */
export class PostgresServer {
  readonly #url: string;
  readonly #primary: PrimaryLocator | undefined;
  readonly #Client: typeof Client;
  readonly #clients = new Set<Client>();
  #acceptsTimeouts = true;

  /** @throws {ConnectionUrlError} */
  constructor(url: string) {
    const { urls, findsPrimary } = parseConnectionUrl(url);
    this.#url = urls[0] ?? url;
    this.#Client = this.#createClientClass();
    if (!findsPrimary) return;
    const query_timeout = defaultConnectTimeoutMs;
    this.#primary = new PrimaryLocator(
      urls.map((each) => ({ ...configFor(each, {}), query_timeout })),
    );
  }

  /** Whether the server accepts timeouts in the parameters of a connection; PgBouncer refuses them. */
  get acceptsTimeouts(): boolean {
    return this.#acceptsTimeouts;
  }

  createPool(max: number, options: ConnectionOptions): Pool {
    const pool = new Pool({
      ...configFor(this.#url, options),
      Client: this.#Client,
      max,
      idleTimeoutMillis: idleTimeoutMs,
      maxLifetimeSeconds,
    });
    pool.on("error", () => undefined);
    return pool;
  }

  createClient(options: ConnectionOptions): Client {
    return new this.#Client(configFor(this.#url, options));
  }

  /** Closes all connections at once, also those that execute a statement. */
  breakConnections(): void {
    for (const client of this.#clients) breakConnection(client);
  }

  /** A class of connections, as pools require it. */
  #createClientClass(): typeof Client {
    const prepare = (config: string | ClientConfig | undefined) =>
      this.#acceptsTimeouts || typeof config !== "object"
        ? config
        : { ...config, ...withoutTimeouts };
    const locate = () => this.#primary?.locate();
    const register = (client: Client) => {
      this.#clients.add(client);
      client.on("end", () => this.#clients.delete(client));
      // Pools and listeners handle it. Without any listener an error ends the process.
      client.on("error", () => undefined);
    };
    const onRefused = (error: unknown) => {
      if (isRefusedParameter(error)) this.#acceptsTimeouts = false;
    };
    return class ServerClient extends Client {
      constructor(config?: string | ClientConfig) {
        super(prepare(config));
      }

      override connect(): Promise<Client>;
      override connect(callback: (error: Error | null, client?: Client) => void): void;
      override connect(
        callback?: (error: Error | null, client?: Client) => void,
      ): Promise<Client> | void {
        if (!callback) return this.#connect();
        callbackify(() => this.#connect())(callback);
      }

      async #connect(): Promise<Client> {
        Object.assign(this, await locate());
        register(this);
        const correctSettings = watchSettings(this);
        await super.connect().catch((error: unknown) => {
          onRefused(error);
          throw error;
        });
        await correctSettings();
        return this;
      }
    };
  }
}

function configFor(url: string, options: ConnectionOptions): ClientConfig {
  const { timeoutMs, connectTimeoutMs = defaultConnectTimeoutMs } = options;
  return {
    connectionString: url,
    application_name: "orchestra",
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveMs,
    ...(timeoutMs !== undefined && {
      // The server ends statements that wait for a lock. It answers first, and the connection stays usable.
      statement_timeout: timeoutMs,
      idle_in_transaction_session_timeout: timeoutMs,
      query_timeout: Math.ceil(1.1 * timeoutMs) + 100,
    }),
  };
}

const withoutTimeouts = { statement_timeout: 0, idle_in_transaction_session_timeout: 0 } as const;

function isRefusedParameter(error: unknown): boolean {
  const { code, message } = error as Partial<NodeJS.ErrnoException>;
  return code === "08P01" && /startup parameter/.test(String(message));
}
