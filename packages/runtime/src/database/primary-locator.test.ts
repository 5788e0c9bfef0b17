import type { ClientConfig } from "pg";
import { describe, expect, inject, test } from "vitest";
import { startSilentProxy } from "../test-support/silent-proxy.ts";
import { DatabaseError } from "./database-error.ts";
import { openPostgres } from "./open-postgres.ts";
import { isOutage, outageOf } from "./outage.ts";
import { PrimaryLocator } from "./primary-locator.ts";

const url = inject("databaseUrl");
const { hostname: host, port } = new URL(url);
const primary: ClientConfig = { connectionString: url };
const standby: ClientConfig = { ...primary, options: "-c default_transaction_read_only=on" };
const closed: ClientConfig = { connectionString: "postgresql://me:hunter22@127.0.0.1:1/name" };
const address = { host, port: Number(port) };

const locate = (...configs: ClientConfig[]) => new PrimaryLocator(configs).locate();

describe("the primary", () => {
  test("is the first host that takes writes", async () => {
    expect(await locate(primary, closed)).toEqual(address);
    expect(await locate(closed, primary)).toEqual(address);
    expect(await locate(standby, closed, primary)).toEqual(address);
  });

  test("is found behind a host that accepts connections and is silent", async () => {
    await using proxy = await startSilentProxy(url);
    proxy.silenceNew();
    expect(await locate({ connectionString: proxy.url }, primary)).toEqual(address);
    expect(proxy.swallowed).toBe(1);
  });

  test("is sought once for connections that are made at the same time, and again for later ones", async () => {
    const locator = new PrimaryLocator([closed, primary]);
    const first = locator.locate();
    expect(locator.locate()).toBe(first);
    await first;
    expect(locator.locate()).not.toBe(first);
  });

  test("is not available if no host accepts writes; the error has the reason for each host, without a password", async () => {
    const error: unknown = await locate(closed, standby).catch((thrown: unknown) => thrown);
    expect(isOutage(error)).toBe(true);
    expect((error as Error).message).toBe(
      `no host accepts writes: 127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1; ${host}:${port}: the server is read-only`,
    );
    expect(outageOf(await locate(standby).catch((thrown: unknown) => thrown))).toBe("read-only");
  });
});

describe("a database of several hosts", () => {
  const several = new URL(url).href.replace(`@${host}:${port}`, `@127.0.0.1:1,${host}:${port}`);

  test("is used at the host that accepts writes, by statements, heartbeats and the listener", async () => {
    await using database = await openPostgres({ url: several, schema: "none", maxConnections: 2 });
    expect(await database.query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
    expect(await database.heartbeat("SELECT 1 AS one")).toEqual([{ one: 1 }]);
    const { promise: received, resolve } = Promise.withResolvers<string>();
    await using subscription = database.listen("several hosts", resolve);
    await subscription.begun;
    await database.notify("several hosts", "hello");
    expect(await received).toBe("hello");
  });

  test("that is away is named by its hosts, without the password", async () => {
    const away = "postgresql://me:hunter22@127.0.0.1:1,127.0.0.1:2/name";
    const options = { url: away, schema: "none", maxConnections: 1 };
    const error: unknown = await openPostgres(options).catch((thrown: unknown) => thrown);
    expect(DatabaseError.isInstance(error) && error.isRetryable).toBe(true);
    expect((error as Error).message).toMatch(
      /^The database at 127\.0\.0\.1:1,127\.0\.0\.1:2\/name cannot be used: no host accepts writes/,
    );
    expect((error as Error).message).not.toContain("hunter22");
  });
});
