import { Client, Pool } from "pg";
import { describe, expect, inject, test } from "vitest";
import { openOnServer } from "../test-support/databases.ts";
import type { Database } from "./database.ts";
import { receivesOwnNotifications } from "./receives-own-notifications.ts";
import { ListeningConnection } from "./listening-connection.ts";
import { openPostgres } from "./open-postgres.ts";
import { PooledDatabase } from "./pooled-database.ts";

test("a database on a server receives its notifications, and does not warn", async () => {
  await using tables = await openOnServer();
  const warnings: Error[] = [];
  await using database = await openPostgres({
    url: inject("databaseUrl"),
    schema: tables.schema,
    maxConnections: 2,
    onWarning: (warning) => warnings.push(warning),
  });
  expect(database.receivesNotifications).toBe(false);
  await using _ = database.listen("a channel", () => undefined);
  await expect.poll(() => database.receivesNotifications).toBe(true);
  expect(warnings).toEqual([]);
});

test("a database whose first listening connection failed is checked by the next one", async () => {
  const urls = ["postgresql://127.0.0.1:1/none"];
  const connectionString = inject("databaseUrl");
  await using database = new PooledDatabase({
    backend: "postgres",
    schema: "receiving",
    pool: new Pool({ connectionString }),
    listener: new ListeningConnection(
      () => new Client({ connectionString: urls.pop() ?? connectionString }),
    ),
    onNotificationsMissing: () => undefined,
    exclusively: (_, work) => work(),
  });
  await using subscription = database.listen("a channel", () => undefined);
  await expect(subscription.begun).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await expect.poll(() => database.receivesNotifications).toBe(true);
});

/** The result where these of its notifications arrive, counted from 1. */
function resultWith(...arriving: readonly number[]): Promise<boolean> {
  let receive: (payload: string) => void;
  let sent = 0;
  const listen: Database["listen"] = (_, onNotification) => {
    receive = onNotification;
    return { begun: Promise.resolve(), [Symbol.asyncDispose]: async () => undefined };
  };
  const notify: Database["notify"] = async (_, payload) => {
    sent += 1;
    if (arriving.includes(sent)) receive(payload);
  };
  return receivesOwnNotifications("check", listen, notify, 1);
}

describe("a process receives its own notifications", () => {
  test.each([[[1, 2]], [[2, 4]], [[3, 4]]])("where the notifications %j arrive", async (those) => {
    expect(await resultWith(...those)).toBe(true);
  });

  test.each([[[]], [[1]], [[4]]])("not where only %j arrive, as by chance", async (those) => {
    expect(await resultWith(...those)).toBe(false);
  });
});
