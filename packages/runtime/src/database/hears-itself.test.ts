import { expect, inject, test } from "vitest";
import { openOnServer } from "../test-support/databases.ts";
import { openPostgres } from "./open-postgres.ts";

test("a database on a server hears its notifications, and warns of nothing", async () => {
  await using tables = await openOnServer();
  const warnings: Error[] = [];
  await using database = await openPostgres({
    url: inject("databaseUrl"),
    schema: tables.schema,
    maxConnections: 2,
    onWarning: (warning) => warnings.push(warning),
  });
  expect(database.hearsNotifications).toBe(false);
  await using _ = database.listen("a channel", () => undefined);
  await expect.poll(() => database.hearsNotifications).toBe(true);
  expect(warnings).toEqual([]);
});
