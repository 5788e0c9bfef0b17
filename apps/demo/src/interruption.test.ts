import { expect, it } from "vitest";
import { folderOfVell } from "./test-support/folder-of-vell.ts";
import { startDemo } from "./test-support/run-demo.ts";

// SIGTERM, a stream and a wait for a retry: main.long.test.ts.
it("an interruption by SIGINT stops a call that hangs at once, and says what was spent", async () => {
  await using folder = await folderOfVell();
  const args = ["--docs", folder.path, "--model", "sandbox/hang"];
  const { child, done, saw } = startDemo(args, { LOG_LEVEL: "debug" });
  await saw('"message":"attempt-start"');
  child.kill("SIGINT");
  const ran = await done;
  expect(ran).toMatchObject({ code: 130, stdout: "" });
  expect(ran.stderr).toContain("aborted");
  expect(ran.stderr).toContain("Stopped by");
});
