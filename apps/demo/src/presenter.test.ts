import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { folderOfOnePage } from "./test-support/folder-of-one-page.ts";
import { parseResult } from "./test-support/result.ts";
import { runHere as runOn, Screen, type RunHereOptions } from "./test-support/run-here.ts";

const unavailable = {
  LLM_RETRY_DELAY: "0.001",
  PORTKEY_FALLBACKS: '[{"provider":"openai","model":"gpt-4o"}]',
};

let folder: Awaited<ReturnType<typeof folderOfOnePage>>;

beforeAll(async () => {
  folder = await folderOfOnePage();
});

afterAll(() => folder[Symbol.asyncDispose]());

function runHere(args: readonly string[], options?: RunHereOptions) {
  return runOn([...args, "--docs", folder.path], options);
}

describe("the output on terminals and in pipes", () => {
  it("shows the steps on a terminal, with retries and fallbacks, and keeps them at the end", async () => {
    const stderr = new Screen({ isTTY: true });
    const { stdout } = await runHere(["--model", "sandbox/status-503"], {
      stderr,
      environment: unavailable,
    });
    expect(stdout).toMatch(/^\S[^]* \[1\]\.\n\nSources\n/);
    const standing = stripVTControlCharacters(stderr.text);
    const researcher =
      /✔ researcher gpt-4o via portke.* · 1 claim · [\d.]+ s · \d+\+\d+ tokens · \$0\.\d{6}\n/;
    expect(standing).toMatch(researcher);
    expect(standing).toMatch(/↻ attempt 3 failed, retry in \d+ ms: service_error/);
    expect(standing).toContain("⇢ fell back from sandbox/status-503 to gpt-4o");
    expect(standing).toMatch(/✔ validator .* approve/);
    expect(standing).toMatch(/✔ executor .* 1 citation/);
    expect(standing).toMatch(/^Question: What happens when the primary model keeps failing\?$/m);
  });

  it.each([60, 80])("keeps the live view to a terminal of %i columns", async (columns) => {
    const stderr = new Screen({ isTTY: true, columns });
    await runHere(["--model", "sandbox/status-503"], { stderr, environment: unavailable });
    const lines = stripVTControlCharacters(stderr.text).split("\n");
    const steps = lines.filter((line) => /^[✔✖] |^ {2}[↻⇢⌕…]/.test(line));
    expect(steps.length).toBeGreaterThan(0);
    expect(steps.filter(({ length }) => length > columns)).toEqual([]);
    const ended = steps.filter((line) => line.startsWith("✔"));
    expect(ended.filter((line) => !/ · [\d.]+ s · .*\$0\.\d{6}$/.test(line))).toEqual([]);
  });

  it("prints plain lines on a terminal whose width is unknown", async () => {
    const stderr = new Screen({ isTTY: true, columns: 0 });
    await runHere([], { stderr });
    expect(stderr.text).toMatch(/^Question: What happens when the primary model keeps failing\?$/m);
    expect(stderr.text).toMatch(/^executor: done/m);
  });

  it("prints plain lines on a terminal that also gets the log", async () => {
    const stderr = new Screen({ isTTY: true });
    await runHere([], { stderr, environment: { LOG_LEVEL: "error" } });
    expect(stderr.text).toContain("researcher: done");
    expect(stderr.text).not.toContain("✔");
  });

  it("prints plain lines with TERM=dumb", async () => {
    const stderr = new Screen({ isTTY: true });
    vi.stubEnv("TERM", "dumb");
    await runHere([], { stderr, environment: { TERM: "dumb" } });
    vi.unstubAllEnvs();
    expect(stderr.text).toContain("researcher: done");
    expect(stderr.text).not.toContain("\u001b");
  });

  it("prints only the answer on standard output, and nothing without an answer", async () => {
    const answered = await runHere([]);
    expect(answered.stdout).toMatch(/^\S[^]*\n\nSources\n\[1\] [^\n]*\n$/);
    expect(answered.stderr).toMatch(/\n\nCalls\nrole /);

    const environment = { LLM_MAX_RETRIES: "0" };
    const failed = await runHere(["--model", "sandbox/status-503"], { environment });
    expect(failed.stdout).toBe("");
    expect(failed.stderr).toMatch(/\n\nCalls\nrole /);
  });

  it.each([
    ["a live view", {}],
    ["plain lines", { TERM: "dumb" }],
  ])("wraps notes between words, in %s", async (_what, environment) => {
    const columns = 40;
    const stderr = new Screen({ isTTY: true, columns });
    await runHere(["What does happen when the primary model does keep failing?"], {
      stderr,
      environment,
    });
    const text = stripVTControlCharacters(stderr.text);
    expect(text).toContain("Question: What does happen when the\n  primary model");
  });

  it("prints the steps with --json only on a terminal", async () => {
    const watched = await runHere(["--json"], { stderr: new Screen({ isTTY: true }) });
    expect(watched.stderr).toContain("✔");
    expect(parseResult(watched.stdout).status).toBe("succeeded");

    const unwatched = await runHere(["--json"]);
    expect(unwatched.stderr).toMatch(/^No OPENROUTER_API_KEY: .*\n$/);
  });

  it.each([
    ["colors", {}, true],
    ["none to who asks for none", { NO_COLOR: "1" }, false],
  ])("shows %s", async (_what, environment, isColored) => {
    for (const [name, value] of Object.entries({
      TERM: "xterm-256color",
      NO_COLOR: undefined,
      FORCE_COLOR: undefined,
      CI: undefined,
      ...environment,
    })) {
      vi.stubEnv(name, value);
    }
    const screens = { stdout: new Screen({ isTTY: true }), stderr: new Screen({ isTTY: true }) };
    await runHere([], screens);
    vi.unstubAllEnvs();
    for (const { text } of Object.values(screens)) {
      // oxlint-disable-next-line no-control-regex
      expect(/\u001b\[[\d;]*m/.test(text)).toBe(isColored);
    }
  });
});
