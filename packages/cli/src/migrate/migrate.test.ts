import { randomUUID } from "node:crypto";
import { readdir } from "node:fs/promises";
import { openDatabase } from "@orchestra/runtime";
import { describe, expect, inject, test } from "vitest";
import { runHere } from "../test-support/run-here.ts";
import { temporaryFolder } from "../test-support/temporary-folder.ts";

/** Runs the command in an empty folder, with its own schema on a PostgreSQL server. */
async function openStage() {
  await using stack = new AsyncDisposableStack();
  const place = stack.use(await temporaryFolder());
  const schema = `test_${randomUUID().replaceAll("-", "")}`;
  const url = inject("databaseUrl");
  const orchestra = (args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
    runHere(["migrate", ...args], {
      folder: place.path,
      environment: { ORCHESTRA_DATABASE_SCHEMA: schema, ...more },
    });
  const sql = async (statement: string) => {
    await using database = await openDatabase({ url, schema: "public", maxConnections: 2 });
    await database.query(statement);
  };
  stack.defer(() => sql(`DROP SCHEMA IF EXISTS "${schema}", "${schema}_queue" CASCADE`));
  const all = stack.move();
  return {
    folder: place.path,
    schema,
    url,
    orchestra,
    sql,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

interface Listed {
  readonly isCurrent: boolean;
  readonly isUsable: boolean;
  readonly migrations: readonly { readonly name: string; readonly state: string }[];
}

const statesOf = (stdout: string) =>
  new Set((JSON.parse(stdout) as Listed).migrations.map(({ state }) => state));

describe("orchestra migrate on PostgreSQL", () => {
  test("applies missing migrations; --check lists them before and after", async () => {
    await using stage = await openStage();
    const { orchestra, url, schema, sql } = stage;
    const before = await orchestra(["--check", "--json", "--database-url", url]);
    expect(before.code).toBe(1);
    expect(statesOf(before.stdout)).toEqual(new Set(["pending"]));

    const done = await orchestra([], { DATABASE_URL: url });
    expect(done).toMatchObject({ code: 0, stderr: "" });
    expect(done.stdout).toMatch(/^applied {2}0001 runs \(breaking\)\n/);
    expect(done.stdout).toContain(`The schema ${schema} in `);
    expect(done.stdout).not.toContain(new URL(url).username + ":");

    const again = await orchestra(["--json"], { DATABASE_URL: url });
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({ schema, applied: [] });
    const after = await orchestra(["--check"], { DATABASE_URL: url });
    expect(after).toMatchObject({ code: 0, stderr: "" });
    expect(after.stdout).toContain("current  tables of the queue (pg-boss)\n");
    expect(after.stdout).toContain("lacks no migrations.\n");

    await sql(
      `DELETE FROM "${schema}".migrations WHERE id = (SELECT max(id) FROM "${schema}".migrations)`,
    );
    const lacking = await orchestra(["--check"], { DATABASE_URL: url });
    expect(lacking).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("lacks 1 migration.\n"),
    });
  });

  test("reports missing tables of the queue and the checkpoints, and creates them", async () => {
    await using stage = await openStage();
    const { orchestra, url, schema, sql } = stage;
    const environment = { DATABASE_URL: url };
    await orchestra([], environment);
    await sql(`DROP SCHEMA "${schema}_queue" CASCADE`);
    await sql(`DELETE FROM "${schema}".checkpoint_migrations WHERE v = 4`);
    const listed = await orchestra(["--check"], environment);
    expect(listed.code).toBe(1);
    expect(listed.stdout).toContain("missing  tables of the queue (pg-boss)\n");
    expect(listed.stdout).toContain("old      tables of the checkpoints (LangGraph)\n");
    const { stdout } = await orchestra(["--check", "--json"], environment);
    expect(JSON.parse(stdout)).toMatchObject({
      isCurrent: false,
      libraries: [{ state: "missing" }, { state: "old" }],
    });
    expect((await orchestra([], environment)).code).toBe(0);
    expect((await orchestra(["--check"], environment)).code).toBe(0);
  });

  test("accepts migrations of a newer version, except breaking ones", async () => {
    await using stage = await openStage();
    const { orchestra, url, schema, sql } = stage;
    const environment = { DATABASE_URL: url };
    await orchestra([], environment);
    const insert = `INSERT INTO "${schema}".migrations (id, name, is_breaking) VALUES`;
    await sql(`${insert} (9998, 'a-column', false)`);
    expect((await orchestra([], environment)).code).toBe(0);
    const beside = await orchestra(["--check"], environment);
    expect(beside.code).toBe(0);
    expect(beside.stdout).toContain("newer    9998 a-column\n");

    await sql(`${insert} (9999, 'other-rows', true)`);
    const broken = await orchestra(["--check", "--json"], environment);
    expect(broken.code).toBe(1);
    expect(JSON.parse(broken.stdout)).toMatchObject({ isCurrent: true, isUsable: false });
    const refused = await orchestra([], environment);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/breaking migration 9999 \(other-rows, applied \d{4}-/);
    expect(refused.stderr).toContain("Update the @orchestra packages");
  });

  test("reports an invalid URL, and a server that is not available", async () => {
    await using stage = await openStage();
    const wrong = await stage.orchestra(["--database-url", "nonsense"]);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toMatch(/^--database-url is not a URL such as /);
    for (const args of [[], ["--check"]]) {
      const away = await stage.orchestra([...args, "--database-url", "postgresql://127.0.0.1:1/x"]);
      expect(away).toMatchObject({ code: 75, stdout: "" });
      expect(away.stderr).toContain("--database-url");
    }
  });
});

test("--check does not create an embedded database", async () => {
  await using stage = await openStage();
  const { code, stdout } = await stage.orchestra(["--check", "--json"]);
  expect(code).toBe(1);
  expect(statesOf(stdout)).toEqual(new Set(["pending"]));
  expect(await readdir(stage.folder)).toEqual([]);
});

test("with ORCHESTRA_AUTO_MIGRATE=false, the error lists the missing migrations and the command to run", async () => {
  await using stage = await openStage();
  const { url, schema, orchestra } = stage;
  const open = () => openDatabase({ url, schema, autoMigrate: false });
  await expect(open()).rejects.toThrow(/lacks migrations .*1 \(runs\).*run orchestra migrate/);
  await orchestra([], { DATABASE_URL: url, ORCHESTRA_AUTO_MIGRATE: "false" });
  await (await open()).close();
});
