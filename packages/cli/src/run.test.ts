import { describe, expect, test } from "vitest";
import { ArgumentError, SettingsError, type Environment } from "@orchestra/core";
import { run } from "./run.ts";

/** Runs the command in this process; returns its output and its exit code. */
async function ran(...args: string[]) {
  return ranWith({}, ...args);
}

async function ranWith(environment: Environment, ...args: string[]) {
  const texts = { stdout: "", stderr: "" };
  const code = await run(args, {
    environment,
    folder: import.meta.dirname,
    stdout: { write: (text) => (texts.stdout += text) },
    stderr: { write: (text) => (texts.stderr += text) },
    signal: new AbortController().signal,
    drainSignal: new AbortController().signal,
  });
  return { code, ...texts };
}

describe("orchestra", () => {
  test("prints its version", async () => {
    expect(await ran("--version")).toEqual({ code: 0, stdout: "0.0.0\n", stderr: "" });
  });

  test("lists its commands, with the options and exit codes of each", async () => {
    expect(await ran("--help")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("worker"),
    });
    const { code, stdout } = await ran("worker", "--help");
    expect(code).toBe(0);
    for (const text of ["--config <file>", "(default: 8)", "(default: 30)", "Exit codes"]) {
      expect(stdout).toContain(text);
    }
  });

  test.each([
    [["\u001b[2J\u009b31m\u202e"], String.raw`unknown command '\u001b[2J\u009b31m\u202e'`],
    [["worker", "--config", "\u001b]0;x\u0007"], String.raw`\u001b]0;x\u0007`],
  ])("escapes control characters of the command line in its errors: %j", async (args, shown) => {
    const { stdout, stderr } = await ran(...args);
    expect(stderr).toContain(shown);
    expect(stdout + stderr).not.toMatch(/[[\p{Cc}--\n]\u202e]/v);
  });

  test("without a command prints the help on standard error, and exits with 2", async () => {
    expect(await ran()).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining("Usage: orchestra"),
    });
  });

  test.each([
    [["nosuch"], "unknown command 'nosuch'", "orchestra"],
    [["rum"], "Did you mean orchestra run?", "orchestra"],
    [["approve", "x"], "Did you mean orchestra runs approve?", "orchestra"],
    [["help", "docter"], "Did you mean orchestra doctor?", "orchestra"],
    [["runs", "lst"], "Did you mean orchestra runs list?", "orchestra runs"],
    [["run", "list"], "Did you mean orchestra runs list?", "orchestra run"],
    [["runs", "nope", "x"], "unknown command 'nope'", "orchestra runs"],
    [["runs", "help", "wach"], "Did you mean orchestra runs watch?", "orchestra runs"],
    [["help", "runs", "wach"], "Did you mean orchestra runs watch?", "orchestra runs"],
  ])(
    "suggests the most similar command for %j, and the --help to try",
    async (args, message, path) => {
      const { code, stdout, stderr } = await ran(...args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(/^error: unknown command '/);
      expect(stderr.includes("Did you mean")).toBe(message.includes("Did you mean"));
      expect(stderr).toContain(message);
      expect(stderr.split("\n").slice(1)).toEqual([`Try ${path} --help.`, ""]);
    },
  );

  test.each([
    [["help"], "Usage: orchestra [options]"],
    [["help", "run"], "Usage: orchestra run "],
    [["help", "runs"], "Usage: orchestra runs "],
    [["help", "runs", "list"], "Usage: orchestra runs list "],
    [["runs", "help", "list"], "Usage: orchestra runs list "],
  ])("prints the help of a command: %j", async (args, usage) => {
    const { code, stdout, stderr } = await ran(...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(usage);
  });

  test.each([
    [["doctor", "--live", "--lint"], "'--live' cannot be used with option '--lint'"],
    [["doctor", "--fix", "--live"], "'--live' cannot be used with option '--fix'"],
    [["doctor", "--live", "--only", "models"], "'--live' cannot be used with option '--only"],
    [["doctor", "--live", "--report"], "'--live' cannot be used with option '--report'"],
    [["doctor", "--report", "--json"], "'--report' cannot be used with option '--json'"],
    [["doctor", "--live-model", "a/b"], "--live-model needs --live"],
    [["run", "x", "--docs", ".", "--role", "a"], "--docs and --role cannot be combined"],
    [["run", "x", "--detach", "--budget-usd", "1"], "--budget-usd is for runs of this process"],
  ])("refuses options that exclude each other: %j", async (args, message) => {
    const { code, stdout, stderr } = await ran(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
  });

  test.each([
    [["worker", "--concurency", "3"], "Did you mean --concurrency?"],
    [
      ["serve", "--database-url", "--port", "80"],
      "argument '--port' is invalid. Its value is missing.",
    ],
    [["runs", "list", "--status", "--limit=5"], "'--limit=5' is invalid. Its value is missing."],
    [["worker", "--concurrency", "0"], "a whole number from 1 to 10000"],
    [["worker", "--concurrency", "1e2"], "a whole number from 1 to 10000"],
    [["worker", "--grace", "-1"], "a number of seconds from 0 to 86400"],
    [["worker", "--grace", "soon"], "a number of seconds from 0 to 86400"],
    [["worker", "--name", " "], "It takes a name"],
    [["worker", "--config", ""], "It takes a file"],
    [["keys", "list", "--config", ""], "It takes a file"],
    [["worker", "stray"], "too many arguments"],
    [["run", "two", "words"], "Put an argument that has spaces in quotation marks."],
  ])("reports what is wrong with %j, and exits with 2", async (args, message) => {
    const { code, stdout, stderr } = await ran(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).toContain("Try --help.");
  });

  test("prints no stack trace for a mistake of the user, even with LOG_LEVEL=debug", async () => {
    const args = ["worker", "--config", "nowhere.ts"];
    for (const environment of [{}, { LOG_LEVEL: "debug" }]) {
      const { code, stderr } = await ranWith(environment, ...args);
      expect({ code, lines: stderr.trimEnd().split("\n").length }).toEqual({ code: 2, lines: 1 });
      expect(stderr).toMatch(/^There is no file /);
    }
  });

  test.each([
    [new ArgumentError("work(): options.name is empty"), "work(): options.name is empty.\n"],
    [new ArgumentError("Use another name."), "Use another name.\n"],
    // The example is for the user to copy.
    [
      new SettingsError([
        { variable: "A", option: "a", problem: "is empty", expected: "a word", example: "go" },
      ]),
      "A is empty (option a): expected a word. Example: A=go\n",
    ],
  ])("prints the message of a library as a sentence: %s", async (error, shown) => {
    let stderr = "";
    const code = await run(["worker", "--config", "x.ts"], {
      environment: {},
      get folder(): string {
        throw error;
      },
      stdout: { write: () => undefined },
      stderr: { write: (text) => (stderr += text) },
      signal: new AbortController().signal,
      drainSignal: new AbortController().signal,
    });
    expect({ code, stderr }).toEqual({ code: 2, stderr: shown });
  });

  test.each([
    [{}, "The folder is gone\n"],
    [
      { LOG_LEVEL: "debug" },
      expect.stringMatching(/^Error: The folder is gone\n +at .*run.test.ts/),
    ],
  ])(
    "prints the stack trace of a failure only with LOG_LEVEL=debug: %j",
    async (environment, shown) => {
      let stderr = "";
      const code = await run(["worker", "--config", "x.ts"], {
        environment,
        get folder(): string {
          throw new Error("The folder is gone");
        },
        stdout: { write: () => undefined },
        stderr: { write: (text) => (stderr += text) },
        signal: new AbortController().signal,
        drainSignal: new AbortController().signal,
      });
      expect({ code, stderr }).toEqual({ code: 1, stderr: shown });
    },
  );
});
