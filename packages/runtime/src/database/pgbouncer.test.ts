import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasPgBouncer, startPgBouncer } from "@orchestra/test-postgres";
import { describe, expect, inject, test } from "vitest";
import { openOnServer } from "../test-support/databases.ts";
import { question, startTestRuntime } from "../test-support/test-runtime.ts";
import { NotificationsError } from "./notifications-error.ts";
import { openPostgres } from "./open-postgres.ts";

/** A runtime whose database is behind a PgBouncer, and what the database has warned of. */
async function startBehind(poolMode: "session" | "transaction") {
  const folder = await mkdtemp(join(tmpdir(), "orchestra-pgbouncer-"));
  const bouncer = await startPgBouncer({ folder, url: inject("databaseUrl"), poolMode });
  const tables = await openOnServer();
  const warnings: Error[] = [];
  const database = await openPostgres({
    url: bouncer.url,
    schema: tables.schema,
    maxConnections: 5,
    timeoutMs: 10_000,
    onWarning: (warning) => warnings.push(warning),
  });
  const t = await startTestRuntime({ database });
  return {
    ...t,
    warnings,
    [Symbol.asyncDispose]: async () => {
      await t[Symbol.asyncDispose]();
      await tables.close();
      await bouncer[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

const isMissing = !hasPgBouncer();
const why = isMissing ? " (skipped: pgbouncer is not installed; apt-get install pgbouncer)" : "";

describe.skipIf(isMissing)(`runs behind PgBouncer${why}`, () => {
  test("go through in session mode, and notifications arrive", async () => {
    await using scene = await startBehind("session");
    const { runtime, warnings, errors } = scene;
    await runtime.work();
    const { id } = await runtime.start("answer", question);
    expect(await runtime.wait(id)).toMatchObject({ status: "succeeded", executions: 1 });
    await expect.poll(() => runtime.database.receivesNotifications).toBe(true);
    expect({ warnings, errors }).toEqual({ warnings: [], errors: [] });
  });

  test("go through in transaction mode, with one warning that notifications do not arrive", async () => {
    await using scene = await startBehind("transaction");
    const { runtime, warnings, errors } = scene;
    await runtime.work();
    for (const _ of [1, 2]) {
      const { id } = await runtime.start("answer", question);
      const events = await Array.fromAsync(runtime.events(id));
      expect(events.at(-1)).toMatchObject({ type: "run-end", status: "succeeded" });
    }
    await expect.poll(() => warnings.length).toBe(1);
    expect(NotificationsError.isInstance(warnings[0])).toBe(true);
    expect(warnings[0]?.message).toContain("session mode");
    expect(runtime.database.receivesNotifications).toBe(false);
    expect(errors).toEqual([]);
  });
});
