import { expect, test } from "vitest";
import { adviceFor } from "./database-advice.ts";
import { openOnServer } from "../test-support/databases.ts";

test("the advice about a timeout of the server names its setting", async () => {
  await using database = await openOnServer();
  const advice: Record<string, string> = {};
  const codes = {
    statement_timeout: "query_canceled",
    lock_timeout: "lock_not_available",
    idle_in_transaction_session_timeout: "idle_in_transaction_session_timeout",
    transaction_timeout: "transaction_timeout",
  };
  for (const [setting, code] of Object.entries(codes)) {
    const raise = database.query(`DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '${code}'; END $$`);
    advice[setting] = await raise.then(String, adviceFor);
  }
  for (const setting of Object.keys(codes)) {
    expect(advice[setting]).toMatch(new RegExp(`^Raise the ${setting} that `));
  }
});
