import { setTimeout as sleep } from "node:timers/promises";
import { Client, type ClientConfig } from "pg";
import { breakConnection } from "./break-connection.ts";
import { reasonOf } from "./database-error.ts";
import { ReadOnlyServerError } from "./outage.ts";

/** The address of a server. */
export type Address = Pick<Client, "host" | "port">;

/** Time for a host to answer before the next one is tried as well, in milliseconds. */
const headStartMs = 250;

/** Finds the first of several hosts that accepts writes. */
export class PrimaryLocator {
  readonly #configs: readonly ClientConfig[];
  #search: Promise<Address> | undefined;

  /** @param configs - One for each host, in the order of preference. */
  constructor(configs: readonly ClientConfig[]) {
    this.#configs = configs;
  }

  /**
   * Searches each time, because the primary may have changed. Connections that are created at the same time share
   * one search.
   *
   * @throws {AggregateError} with the error of each host
   */
  locate(): Promise<Address> {
    this.#search ??= this.#locate().finally(() => (this.#search = undefined));
    return this.#search;
  }

  async #locate(): Promise<Address> {
    const search = new AbortController();
    let failed: Promise<void> = Promise.resolve();
    const probes = this.#configs.map((config, index) => {
      const probing = this.#probe(config, Promise.race([failed, headStart(index, search)]), search);
      const { promise, resolve } = Promise.withResolvers<void>();
      probing.catch(resolve);
      failed = promise;
      return probing;
    });
    try {
      return await Promise.any(probes);
    } catch (error) {
      const { errors } = error as AggregateError;
      const message = `no host accepts writes: ${errors.map(reasonOf).join("; ")}`;
      throw new AggregateError(errors, message, { cause: error });
    } finally {
      search.abort();
    }
  }

  async #probe(
    config: ClientConfig,
    itsTime: Promise<void>,
    { signal }: AbortController,
  ): Promise<Address> {
    await itsTime;
    signal.throwIfAborted();
    const client = new Client(config);
    client.on("error", () => undefined);
    const leave = () => breakConnection(client);
    signal.addEventListener("abort", leave, { once: true });
    try {
      await client.connect();
      const { rows } = await client.query<Setting>("SHOW transaction_read_only");
      if (rows[0]?.transaction_read_only === "on") throw new ReadOnlyServerError();
      client.end().catch(() => undefined);
      return { host: client.host, port: client.port };
    } catch (error) {
      leave();
      throw new Error(`${client.host}:${client.port}: ${reasonOf(error)}`, { cause: error });
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }
}

interface Setting {
  readonly transaction_read_only: string;
}

async function headStart(index: number, { signal }: AbortController): Promise<void> {
  // An abort is the end of the search, which the probe itself notices.
  await sleep(index * headStartMs, undefined, { signal }).catch(() => undefined);
}
