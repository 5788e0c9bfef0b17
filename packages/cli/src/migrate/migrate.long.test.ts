import { expect, test } from "vitest";
import { runHere } from "../test-support/run-here.ts";
import { temporaryFolder } from "../test-support/temporary-folder.ts";

test("orchestra migrate creates the embedded database, and --check then finds nothing missing", async () => {
  await using folder = await temporaryFolder();
  const orchestra = (...args: readonly string[]) =>
    runHere(["migrate", ...args], { folder: folder.path });
  expect((await orchestra("--check")).code).toBe(1);
  const done = await orchestra();
  expect(done).toMatchObject({ code: 0, stderr: "" });
  expect(done.stdout).toContain("applied  0001 runs (breaking)");
  const after = await orchestra("--check");
  expect(after).toMatchObject({ code: 0, stderr: "" });
  expect(after.stdout).toContain("lacks no migrations");
});
