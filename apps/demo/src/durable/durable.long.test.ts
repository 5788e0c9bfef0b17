import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseResult } from "../test-support/result.ts";
import { runDemo, startDemo } from "../test-support/run-demo.ts";
import { temporaryFolder } from "../test-support/temporary-folder.ts";

const timeout = 180_000;

/** Number of the process that works on the run, and the run's id. */
function workerIn(text: string) {
  const [, pid = "0", runId = ""] = /Process (\d+) works on run (\S+)\./.exec(text) ?? [];
  return { pid: Number(pid), runId };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

// One after the other: an embedded database is one process's, and making one takes seconds.
describe("a durable run in an embedded database", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let environment: NodeJS.ProcessEnv;

  beforeAll(async () => {
    folder = await temporaryFolder();
    environment = { ORCHESTRA_HOME: `${folder.path}/home`, TMPDIR: folder.path };
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  it(
    "continues after its process was killed, and pays for no answer twice",
    { timeout },
    async () => {
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
    },
  );

  it("reports an unknown run", { timeout }, async () => {
    const { code, stderr } = await runDemo(["--resume", "nobody"], environment);
    expect(code).toBe(2);
    expect(stderr).toContain('There is no run "nobody"');
  });

  it(
    "prints the steps that are executed, and those that are not repeated",
    { timeout },
    async () => {
      const { code, stderr } = await runDemo(
        ["--durable", "--model", "openai/gpt-4o"],
        environment,
      );
      expect(code).toBe(0);
      expect(stderr).toMatch(
        /executor: starts.*\nKilled process \d+ with SIGKILL.*\n.*continues.*\n(.*\n)*research: from the checkpoint, 2 calls not made again \(\d+\+\d+ tokens, \$0\.0\d+\)\nvalidate: from the checkpoint.*\nexecutor: starts/,
      );
      expect(stderr).toMatch(/killed once, executed twice\n5 calls in all\n3 answered before/);
      expect(stderr).toContain("own books agree: 5 requests, 1 cut off, none answered twice");
      const { runId } = workerIn(stderr);
      expect(stderr).toContain(
        `See it: ORCHESTRA_DATABASE_SCHEMA=orchestra_demo npx -y pnpm@12 orchestra runs trace ${runId}\n`,
      );
    },
  );

  it("stops on Ctrl-C without leaving a process, and is continued later", { timeout }, async () => {
    // The executor takes its time, after the kill too.
    const slow = { ...environment, AGENT_MODEL_MAP: '{"executor":"sandbox/slow-5000"}' };
    const { child, done, saw } = startDemo(["--durable"], slow);
    await saw("validate: from the checkpoint");
    child.kill("SIGINT");
    const { code, stderr } = await done;
    expect(code).toBe(130);
    expect(stderr).toContain("Stopped by Ctrl-C");
    const { runId } = workerIn(stderr);
    expect(stderr).toContain(`Continue it: npx -y pnpm@12 demo --durable --resume ${runId}\n`);
    const pids = [...stderr.matchAll(/Process (\d+) works/g)].map(([, pid]) => Number(pid));
    expect(pids).toHaveLength(2);
    expect(pids.filter(isAlive)).toEqual([]);

    const resumed = await runDemo(["--durable", "--resume", runId, "--json"], environment);
    const { status, durable } = parseResult(resumed.stdout);
    expect({ code: resumed.code, status }).toEqual({ code: 0, status: "succeeded" });
    expect(durable).toMatchObject({ runId, kills: 0, callsReplayed: 3 });
    expect(durable?.books).toMatchObject({ answeredTwice: 0, agree: true });
    expect(durable?.resume).toBeUndefined();
  });

  it("ends its process when the demo's own process is killed", { timeout }, async () => {
    const { child, done, saw } = startDemo(["--durable"], environment);
    await saw("researcher: starts");
    child.kill("SIGKILL");
    const { pid } = workerIn((await done).stderr);
    expect(pid).toBeGreaterThan(0);
    await expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false);
  });
});
