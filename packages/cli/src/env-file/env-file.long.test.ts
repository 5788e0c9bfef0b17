import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startCli } from "../test-support/start-cli.ts";
import { temporaryFolder } from "../test-support/temporary-folder.ts";

test("the command reads .env, and prints what a config logs on standard error", async () => {
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, ".env"), "LLM_MAX_RETRIES=many\n");
  await writeFile(
    join(folder.path, "orchestra.config.mjs"),
    `console.log("hello from the config", process.env.LLM_MAX_RETRIES);
    export default { pipelines: [{ name: "a", create: () => undefined }] };`,
  );
  const args = ["doctor", "--lint", "--json", "--only", "settings/values,install/config"];
  await using cli = startCli(args, { folder: folder.path });
  const { code, stdout, stderr } = await cli.done;
  expect(stderr).toBe("hello from the config many\n");
  expect(JSON.parse(stdout)).toMatchObject({ summary: { error: 1 } });
  expect(code).toBe(1);
});
