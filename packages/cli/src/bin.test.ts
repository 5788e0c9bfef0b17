import { execFile } from "node:child_process";
import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { temporaryFolder } from "./test-support/temporary-folder.ts";

test("in a clone that is not built, the command prints how to run it", async () => {
  await using folder = await temporaryFolder();
  const cli = join(folder.path, "cli");
  await cp(join(import.meta.dirname, "../bin"), join(cli, "bin"), { recursive: true });
  await writeFile(join(cli, "package.json"), '{"type":"module"}');
  const ran = promisify(execFile)(process.execPath, [join(cli, "bin/orchestra.js"), "serve"]);
  await expect(ran).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^The clone of this command is not built .*\n$/),
  });
});
