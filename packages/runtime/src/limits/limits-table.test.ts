import { expect, inject, test } from "vitest";
import { openPostgres } from "../database/open-postgres.ts";
import { openOnServer } from "../test-support/databases.ts";
import { LimitsTable } from "./limits-table.ts";

test("a sync does not wait for the disk, and other statements of its connection do", async () => {
  await using tables = await openOnServer();
  const schema = `"${tables.schema}"`;
  await tables.query(`CREATE TABLE ${schema}.commits (setting text)`);
  await tables.query(`CREATE FUNCTION ${schema}.note() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO ${schema}.commits VALUES (current_setting('synchronous_commit'));
      RETURN NULL;
    END $$`);
  await tables.query(`CREATE CONSTRAINT TRIGGER note AFTER INSERT ON ${schema}.rate_limits
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ${schema}.note()`);
  await using database = await openPostgres({
    url: inject("databaseUrl"),
    schema: tables.schema,
    maxConnections: 1,
  });
  await new LimitsTable(database, "account").sync("holder", 1, {
    options: { windowMs: 60_000, marginMs: 0, waitsForDay: false, deadAfterMs: 30_000 },
    sentAt: Date.now(),
    confirmed: 0,
    changes: [],
    calls: [],
    inFlight: 0,
    ahead: 0,
    wantsAhead: 0,
    aheadMs: 0,
    allowanceMs: 0,
    horizonMs: 0,
  });
  expect(await tables.query(`SELECT setting FROM ${schema}.commits`)).toEqual([{ setting: "off" }]);
  expect(await database.query("SHOW synchronous_commit")).toEqual([{ synchronous_commit: "on" }]);
});
