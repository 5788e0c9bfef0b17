import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { explainTask, initProject } from "../test-support/init-project.ts";
import { startCli } from "../test-support/start-cli.ts";

test("the command, the script and the test of a project that was written in a clone run", async () => {
  await using project = await initProject();
  const { folder, environment } = project;
  await using cli = startCli(["run", explainTask, "--json"], { folder, environment });
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const program = (...args: string[]) =>
    promisify(execFile)(process.execPath, ["--conditions=@orchestra/source", ...args], {
      cwd: folder,
      env: { PATH, NODE_COMPILE_CACHE, ...environment },
    });
  const [ran, script] = await Promise.all([
    cli.done,
    // `pnpm start -- "…"` passes the `--` to the script.
    program("ask.ts", "--", "Why towers?"),
    program("--test"),
  ]);
  expect(ran).toMatchObject({ code: 0 });
  expect(JSON.parse(ran.stdout)).toMatchObject({ pipeline: "explain" });
  expect(script.stdout).not.toBe("");
  const sent = project.sandbox.books.entries.map(({ body }) => JSON.stringify(body));
  expect(sent).toContainEqual(expect.stringContaining("Why towers?"));
  expect(script.stderr).toContain("costUsd");
});
