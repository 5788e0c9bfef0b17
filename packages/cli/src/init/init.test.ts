import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { openDatabase } from "@orchestra/runtime";
import { startSandbox } from "@orchestra/sandbox";
import { describe, expect, inject, test } from "vitest";
import { runHere } from "../test-support/run-here.ts";
import { startCli } from "../test-support/start-cli.ts";
import { temporaryFolder } from "../test-support/temporary-folder.ts";

describe("orchestra init", { timeout: 60_000 }, () => {
  test("in the workspace of the packages, takes them from there", async () => {
    await using place = await temporaryFolder();
    await mkdir(join(place.path, "packages/cli"), { recursive: true });
    await writeFile(join(place.path, "pnpm-workspace.yaml"), "packages: [apps/*, packages/*]\n");
    await writeFile(join(place.path, "packages/cli/package.json"), "{}");
    await runHere(["init", "apps/mine"], { folder: place.path });
    const project: unknown = JSON.parse(
      await readFile(join(place.path, "apps/mine/package.json"), "utf8"),
    );
    expect(project).toMatchObject({ dependencies: { "@orchestra/core": "workspace:*" } });
  });

  test("writes a project that runs, by the command and by its script", async () => {
    await using sandbox = await startSandbox();
    await using place = await temporaryFolder();
    const folder = join(place.path, "My Project");
    const { code, stdout } = await runHere(["init", "My Project"], { folder: place.path });
    expect(code).toBe(0);
    expect(stdout).toContain("wrote My Project/orchestra.config.ts");
    const project = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as object;
    expect(project).toMatchObject({ name: "my-project", type: "module" });

    const schema = `test_${randomUUID().replaceAll("-", "")}`;
    const url = inject("databaseUrl");
    const environment = {
      OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
      OPENROUTER_BASE_URL: sandbox.url,
      DATABASE_URL: url,
      ORCHESTRA_DATABASE_SCHEMA: schema,
    };
    const task = "Explain what a lighthouse is";
    // As npm install does.
    await mkdir(join(folder, "node_modules/@orchestra"), { recursive: true });
    const packageFolder = join(import.meta.dirname, "../..");
    await symlink(packageFolder, join(folder, "node_modules/@orchestra/cli"), "junction");
    await using cli = startCli(["run", task, "--json"], { folder, environment });
    const ran = await cli.done;
    expect(ran).toMatchObject({ code: 0 });
    expect(JSON.parse(ran.stdout)).toMatchObject({
      pipeline: "explain",
      output: { answer: expect.any(String) },
    });

    const { PATH } = process.env;
    const args = ["--conditions=@orchestra/source", "ask.ts", task];
    const script = await promisify(execFile)(process.execPath, args, {
      cwd: folder,
      env: { PATH, ...environment },
    });
    expect(script.stdout).not.toBe("");
    expect(script.stderr).toContain("costUsd");
    await using database = await openDatabase({ url, schema, maxConnections: 2 });
    for (const name of [schema, `${schema}_queue`]) {
      await database.query(`DROP SCHEMA IF EXISTS "${name}" CASCADE`);
    }
  });

  test("keeps files that are there, unless it is forced", async () => {
    await using place = await temporaryFolder();
    const folder = place.path;
    const path = join(folder, "ask.ts");
    await writeFile(path, "mine");
    const kept = await runHere(["init"], { folder });
    expect(kept.stdout).toMatch(/kept +ask\.ts/);
    expect(await readFile(path, "utf8")).toBe("mine");
    const forced = await runHere(["init", "--force"], { folder });
    expect(forced.stdout).toMatch(/wrote +ask\.ts/);
    expect(await readFile(path, "utf8")).not.toBe("mine");
  });
});
