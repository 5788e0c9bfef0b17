import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { defaultQuestion, parseArguments } from "./arguments.ts";
import { defaultFolder } from "./folders.ts";
import { parseResult } from "./test-support/result.ts";
import { runHere } from "./test-support/run-here.ts";

describe("the command line", () => {
  it("uses the project's docs by default", async () => {
    expect(await parseArguments([])).toEqual({
      name: "ask",
      question: defaultQuestion,
      folder: defaultFolder,
      model: undefined,
      out: undefined,
      durable: false,
    });
  });

  it("accepts --resume without a question and a folder", async () => {
    expect(await parseArguments(["--durable", "--resume", "run-1", "--model", "a/b"])).toEqual({
      name: "resume",
      runId: "run-1",
      model: "a/b",
      out: undefined,
    });
  });

  it("accepts the question before, between and after options, and the dashes of pnpm", async () => {
    for (const args of [
      ["Why?", "--model", "a/b"],
      ["--model", "a/b", "Why?", "--json"],
      ["--", "--model=a/b", "Why?"],
    ]) {
      expect(await parseArguments(args)).toMatchObject({ question: "Why?", model: "a/b" });
    }
  });

  it("resolves paths from the user's folder, even if pnpm runs the script in another one", async () => {
    const stood = { INIT_CWD: join(defaultFolder, ".."), npm_lifecycle_event: "demo" };
    expect(await parseArguments(["--docs", "docs", "--out", "x.md"], stood)).toMatchObject({
      folder: defaultFolder,
      out: join(defaultFolder, "../x.md"),
    });
    const leftBehind = { INIT_CWD: "/elsewhere", npm_lifecycle_event: "test" };
    expect(await parseArguments(["--out", "x.md"], leftBehind)).toMatchObject({
      out: resolve("x.md"),
    });
  });

  it.each([
    [["--frobnicate"], "--frobnicate"],
    [["--model"], "--model"],
    [["--model", "--docs"], "--model"],
    [["--model="], "--model"],
    [["--model", "gpt 4"], "space"],
    [[""], "empty question"],
    [["  "], "empty question"],
    [["one", "two"], "one question"],
    [["--docs", "/no/such/folder"], "/no/such/folder"],
    [["--resume"], "--resume"],
    [["--resume", "run-1", "Why?"], "--resume"],
    [["--resume", "run-1", "--docs", "."], "--resume"],
    [["--out", "/no/such/folder/answer.md"], "/no/such/folder/answer.md"],
    [["--out", defaultFolder], defaultFolder],
  ])("reports %j in one line, and exits with 2", async (args, words) => {
    const { code, stdout, stderr } = await runHere(args);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain(words);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  it("prints one JSON object for wrong usage with --json", async () => {
    const { code, stdout } = await runHere(["--json", "--frobnicate"]);
    expect(code).toBe(2);
    expect(parseResult(stdout)).toMatchObject({ status: "failed", error: { code: "usage_error" } });
  });

  it("prints its help", async () => {
    const { code, stdout } = await runHere(["--help"]);
    expect(code).toBe(0);
    for (const word of [
      "--docs",
      "--model",
      "--json",
      "--out",
      "--durable",
      "--resume",
      "DATABASE_URL",
      "OPENROUTER_API_KEY",
      "Exit codes",
    ]) {
      expect(stdout).toContain(word);
    }
    expect(Math.max(...stdout.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(100);
  });
});
