import { describe, expect, it } from "vitest";
import { folderOfVell } from "./test-support/folder-of-vell.ts";
import { parseResult } from "./test-support/result.ts";
import { startDemo } from "./test-support/run-demo.ts";

describe.concurrent("an interruption", () => {
  it.each([
    ["SIGINT", "sandbox/hang", 130],
    ["SIGTERM", "sandbox/stall", 143],
  ] as const)(
    "by %s stops a call to %s at once, and says what was spent",
    async (signal, model, code) => {
      await using folder = await folderOfVell();
      const args = ["--docs", folder.path, "--model", model];
      const { child, done, saw } = startDemo(args, { LOG_LEVEL: "debug" });
      await saw('"message":"attempt-start"');
      child.kill(signal);
      const ran = await done;
      expect(ran.code).toBe(code);
      expect(ran.stdout).toBe("");
      expect(ran.stderr).toContain("aborted");
      expect(ran.stderr).toContain("Stopped by");
    },
  );

  it("stops a wait for a retry, and still prints the one object", async () => {
    await using folder = await folderOfVell();
    const args = ["--docs", folder.path, "--model", "sandbox/status-503", "--json"];
    const { child, done, saw } = startDemo(args, {
      LLM_RETRY_DELAY: "1000",
      LLM_RETRY_MAX_DELAY: "1000",
      LOG_LEVEL: "warn",
    });
    await saw('"message":"retry"');
    child.kill("SIGINT");
    const { code, stdout } = await done;
    expect(code).toBe(130);
    const { status, error, calls } = parseResult(stdout);
    expect({ status, code: error?.code }).toEqual({ status: "failed", code: "aborted" });
    expect(calls).toHaveLength(1);
  });
});
