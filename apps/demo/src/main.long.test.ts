import { startSandbox } from "@orchestra/sandbox";
import { describe, expect, it } from "vitest";
import { folderOfVell } from "./test-support/folder-of-vell.ts";
import { parseResult } from "./test-support/result.ts";
import { runDemo, startDemo } from "./test-support/run-demo.ts";

// Whole processes. What they do besides is in main.test.ts and settings.test.ts.
describe.concurrent("the process of the demo", () => {
  it("logs a fallback", async () => {
    await using folder = await folderOfVell();
    const question = "When was the lighthouse of Vell built?";
    const args = [question, "--docs", folder.path, "--model", "sandbox/status-503"];
    const { code, stderr } = await runDemo(args, {
      LLM_RETRY_DELAY: "0.01",
      PORTKEY_FALLBACKS: '[{"provider":"openai","model":"gpt-4o"}]',
      LOG_LEVEL: "warn",
    });
    expect(code).toBe(0);
    expect(stderr).toContain("fell back from sandbox/status-503 to gpt-4o");
    expect(stderr).toContain('"message":"fallback"');
  });

  it("prints no secret, neither in the log nor in the result", async () => {
    const key = "sk-or-v1-s3cr3t0123456789";
    const secret = "pk-s3cr3t-value-1234567890";
    await using openRouter = await startSandbox({ keys: ["another"] });
    const { code, stdout, stderr } = await runDemo(["--json"], {
      OPENROUTER_API_KEY: key,
      OPENROUTER_BASE_URL: openRouter.url,
      OPENROUTER_HEADERS: JSON.stringify({ "X-Api-Key": secret }),
      PORTKEY_API_KEY: secret,
      VIRTUAL_KEY: secret,
      LOG_LEVEL: "debug",
      LOG_PROMPTS: "true",
    });
    expect(code).toBe(1);
    expect(parseResult(stdout).error?.code).toBe("authentication_error");
    expect(stdout + stderr).not.toContain(key);
    expect(stdout + stderr).not.toContain(secret);
  });

  it("stops a call that hangs at once on SIGINT, and prints the cost", async () => {
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

  it("stops a stream that stalls at once on SIGTERM, and prints the cost", async () => {
    await using folder = await folderOfVell();
    const args = ["--docs", folder.path, "--model", "sandbox/stall"];
    const { child, done, saw } = startDemo(args, { LOG_LEVEL: "debug" });
    await saw('"message":"attempt-start"');
    child.kill("SIGTERM");
    const ran = await done;
    expect(ran).toMatchObject({ code: 143, stdout: "" });
    expect(ran.stderr).toContain("aborted");
    expect(ran.stderr).toContain("Stopped by");
  });

  it("stops while it waits for a retry, and still prints one JSON object", async () => {
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
