import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseResult } from "../test-support/result.ts";
import { runDemo } from "../test-support/run-demo.ts";
import { temporaryFolder } from "../test-support/temporary-folder.ts";

const timeout = 180_000;

// One after the other: an embedded database is one process's, and making one takes seconds.
describe("a durable run, in an embedded database", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let environment: NodeJS.ProcessEnv;

  beforeAll(async () => {
    folder = await temporaryFolder();
    environment = { ORCHESTRA_HOME: `${folder.path}/home`, TMPDIR: folder.path };
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  it("outlives the kill of its process, and pays for no answer twice", { timeout }, async () => {
    const { code, stdout, stderr } = await runDemo(["--durable", "--json"], environment);
    const { status, citations, calls, usage, runId, durable } = parseResult(stdout);
    expect({ code, status }).toEqual({ code: 0, status: "succeeded" });
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(citations.length).toBeGreaterThan(0);
    expect(durable).toMatchObject({
      runId,
      kills: 1,
      executions: 2,
      // Two of the researcher, and the validator's; the executor's was cut off, and made again.
      callsReplayed: 3,
      repeatedCalls: 1,
      callsMade: 5,
      database: "pglite",
      books: { requests: 5, cutOff: 1, answeredTwice: 0, agree: true },
    });
    const saved = calls.slice(0, 3);
    expect(saved.map(({ role }) => role)).toEqual(["researcher", "researcher", "validator"]);
    const tokens = saved.map((call) => call.promptTokens + call.completionTokens);
    expect(durable?.savedTokens).toBe(tokens.reduce((sum, each) => sum + each));
    expect(calls).toHaveLength(4);
    expect(usage.promptTokens).toBe(calls.reduce((sum, call) => sum + call.promptTokens, 0));
  });

  it("says that there is no such run", { timeout }, async () => {
    const { code, stderr } = await runDemo(["--resume", "nobody"], environment);
    expect(code).toBe(2);
    expect(stderr).toContain('There is no run "nobody"');
  });
});
