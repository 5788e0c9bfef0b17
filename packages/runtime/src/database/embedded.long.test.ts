import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, inject, test } from "vitest";
import { openDatabase } from "./open-database.ts";
import { openPglite } from "./open-pglite.ts";

test("an embedded database is one process's and one version's, and has its data when it is opened again", async () => {
  const home = await mkdtemp(join(tmpdir(), "orchestra-home-"));
  try {
    // A copy is there sooner than another new one; that one is made where a demo or a command runs.
    const loadDataDir = new Blob([await readFile(inject("pgliteImage"))]);
    const first = await openPglite({ folder: home, schema: "orchestra", loadDataDir });
    await expect(openDatabase({ home })).rejects.toThrow(/in use by process/);
    await first.query("CREATE TABLE kept (a integer)");
    await first.close();
    await using second = await openDatabase({ home });
    expect(await second.query("SELECT * FROM kept")).toEqual([]);
    await second.close();

    const file = join(home, "database", "PG_VERSION");
    const version = (await readFile(file, "utf8")).trim();
    await writeFile(file, "16\n");
    await expect(openDatabase({ home })).rejects.toThrow(
      `was made by PostgreSQL 16, and this version of PGlite is PostgreSQL ${version}`,
    );
  } finally {
    await rm(home, { recursive: true });
  }
});

test.skipIf(process.platform === "win32")(
  "a process that cannot open more files gets an error about that limit, not about damaged files",
  async () => {
    const home = await mkdtemp(join(tmpdir(), "orchestra-home-"));
    const openIn = `
      const { openDatabase } = await import(${JSON.stringify(import.meta.resolve("./open-database.ts"))});
      await openDatabase({ home: ${JSON.stringify(home)} }).catch((error) => console.log(error.message));
    `;
    const node = [process.execPath, "--conditions=@orchestra/source", "--input-type=module", "-e"];
    try {
      const { stdout } = await promisify(execFile)("bash", [
        "-c",
        'ulimit -n 40; exec "$@"',
        "bash",
        ...node,
        openIn,
      ]);
      expect(stdout).toMatch(/may open no more files\. Raise their number/);
    } finally {
      await rm(home, { recursive: true });
    }
  },
);
