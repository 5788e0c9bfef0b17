import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { startSandbox } from "@orchestra/sandbox";
import { expect, test } from "vitest";

const program = join(import.meta.dirname, "__fixtures__/unread-streams.ts");

test("streams that are not read keep no process alive", async () => {
  await using sandbox = await startSandbox();
  const args = ["--conditions=@orchestra/source", program, sandbox.url];
  // The limits of the calls are ten minutes.
  const ended = promisify(execFile)(process.execPath, args, { timeout: 100_000 });
  expect(await ended).toEqual({ stdout: "opened\n", stderr: "" });
});
