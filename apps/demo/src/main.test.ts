import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { CallRecord, Citation } from "@orchestra/core";
import { defaultFolder } from "./folders.ts";
import { parseResult } from "./test-support/result.ts";
import { runDemo } from "./test-support/run-demo.ts";
import { runHere } from "./test-support/run-here.ts";
import { folderOfOnePage } from "./test-support/folder-of-one-page.ts";
import { folderOfVell } from "./test-support/folder-of-vell.ts";
import { temporaryFolder } from "./test-support/temporary-folder.ts";

const fallbacks = JSON.stringify([
  { provider: "openai", model: "gpt-4o" },
  { provider: "anthropic", model: "claude-3-haiku-20k" },
  { provider: "google", model: "gemini-1.5-pro" },
]);

const question = "When was the lighthouse of Vell built?";

/** A text with its numbers and its spaces alike: times differ, and tokens with each change of the docs. */
function shapeOf(text: string): string {
  return words(text).replaceAll(/\d+(\.\d+)?/g, "0");
}

/** The source from a citation's line on, as plain words. */
async function sourceAt({ path, line }: Citation, folder: string): Promise<string> {
  const lines = (await readFile(join(folder, path), "utf8")).split("\n");
  return words(lines.slice(line - 1).join("\n"));
}

function words(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

describe.concurrent("the demo", () => {
  it("answers the default question from the project's docs, with its sources and the table of calls", async () => {
    const { code, stdout, stderr } = await runDemo();
    expect(code).toBe(0);
    expect(stderr.split("\n")[0]).toContain("running on the built-in sandbox");
    expect(stdout).toMatch(/\n\[1\] \S+\.md:\d+ "/);
    expect(stderr).toMatch(/role +model +via +tries +in +out +cost +time +status/);
    expect(stderr).toContain('researcher: search_documents "');
    const page = await readFile(join(import.meta.dirname, "../README.md"), "utf8");
    expect(shapeOf(page)).toContain(shapeOf(stdout));
    // oxlint-disable-next-line no-control-regex
    expect(stdout + stderr).not.toMatch(/\u001b/);
  });

  it("waits for the costs of requests that were cut off", async () => {
    await using folder = await folderOfVell();
    const args = ["--docs", folder.path, "--model", "sandbox/cut", "--json"];
    const { code, stdout } = await runHere(args, {
      environment: { LLM_MAX_RETRIES: "1", LLM_RETRY_DELAY: "0.002" },
    });
    expect(code).toBe(1);
    const { calls } = JSON.parse(stdout) as { calls: readonly CallRecord[] };
    expect(calls.flatMap(({ attempts }) => attempts).map(({ costUsd }) => costUsd > 0)).toEqual([
      true,
      true,
    ]);
    expect(calls).toMatchObject([{ unknownCostAttempts: 0, unknownUsageAttempts: 0 }]);
  });

  it("searches with the models of the settings, and without a model that fails", async () => {
    await using folder = await folderOfVell();
    await writeFile(join(folder.path, "bell.md"), "# Bells\n\nA bell of Vell is heard.\n");
    const { code, stdout, stderr } = await runHere([question, "--docs", folder.path], {
      environment: {
        DOCUMENTS_EMBEDDING_MODEL: "sandbox/embedding",
        DOCUMENTS_RERANK_MODEL: "sandbox/rerank-none",
      },
    });
    expect(code).toBe(0);
    expect(stdout).toContain("1871");
    expect(stderr).toMatch(/embeddings +sandbox\/embedding/);
    expect(stderr).toContain("Document search works without rerank");
  });

  it.each([
    [
      "Chinese",
      "威尔灯塔建于1871年。灯光每十秒闪烁一次。",
      "威尔灯塔是什么时候建的？",
      "威尔灯塔建于1871年 [1]。",
    ],
    [
      "Japanese",
      "ヴェル灯台は1871年に建てられました。高さは31メートルです。",
      "ヴェル灯台はいつ建てられましたか？",
      "ヴェル灯台は1871年に建てられました [1]。",
    ],
  ])(
    "answers a question of one's own from a folder of one's own, in %s",
    async (_, text, question, answer) => {
      await using folder = await temporaryFolder();
      await writeFile(join(folder.path, "vell.md"), `# Vell\n\n${text}\n`);
      const { code, stdout } = await runHere([question, "--docs", folder.path]);
      expect(code).toBe(0);
      expect(stdout.trim().split("\n")[0]).toBe(answer);
      expect(stdout).toContain("[1] vell.md:3");
    },
  );

  it("prints one JSON object with citations at the right lines", async () => {
    const { code, stdout, stderr } = await runHere(["--json"]);
    const { status, answer, citations, calls, usage, runId } = parseResult(stdout);
    expect({ code, status }).toEqual({ code: 0, status: "succeeded" });
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(answer).toContain("[1]");
    expect(citations.length).toBeGreaterThan(0);
    for (const citation of citations) {
      const source = await sourceAt(citation, defaultFolder);
      expect(source.slice(0, citation.quote.length + 80)).toContain(words(citation.quote));
    }
    expect(calls.map(({ role }) => role)).toEqual(
      expect.arrayContaining(["researcher", "validator", "executor"]),
    );
    expect(new Set(calls.map((call) => call.runId))).toEqual(new Set([runId]));
    expect(usage.promptTokens).toBe(calls.reduce((sum, call) => sum + call.promptTokens, 0));
  });

  it("reports that the documents do not have the answer, and exits with 3", async () => {
    await using folder = await folderOfVell();
    const other = "Which team won the football world cup of 1954?";
    const { code, stdout } = await runHere([other, "--docs", folder.path]);
    expect(code).toBe(3);
    expect(stdout).toContain("Not found");
  });

  it("lists all attempts if the model is not available, and exits with 1", async () => {
    await using folder = await folderOfVell();
    const args = ["--docs", folder.path, "--model", "sandbox/status-503", "--json"];
    const { code, stdout, stderr } = await runHere(args, {
      environment: { LLM_RETRY_DELAY: "0.01" },
    });
    expect(code).toBe(1);
    for (const attempt of [1, 2, 3, 4])
      expect(stderr).toContain(`\n  ${attempt}. sandbox/status-503`);
    expect(stderr).toContain("PORTKEY_FALLBACKS");
    expect(stderr).not.toMatch(/\n +at /);
    const { status, error, calls } = parseResult(stdout);
    expect({ status, code: error?.code }).toEqual({ status: "failed", code: "service_error" });
    expect(calls[0]?.attempts).toHaveLength(4);
  });

  it("falls back through Portkey, and shows that in the lines, the table and the record", async () => {
    await using folder = await folderOfVell();
    const args = [question, "--docs", folder.path, "--model", "sandbox/status-503"];
    const environment = { LLM_RETRY_DELAY: "0.01", PORTKEY_FALLBACKS: fallbacks };
    const [shown, printed] = await Promise.all([
      runHere(args, { environment }),
      runHere([...args, "--json"], { environment }),
    ]);
    expect(shown.code).toBe(0);
    expect(shown.stderr).toContain("fell back from sandbox/status-503 to gpt-4o");
    expect(shown.stderr).toMatch(/portkey\/openai +5 .* fallback\n +→ gpt-4o/);

    const { calls } = parseResult(printed.stdout);
    expect(printed.code).toBe(0);
    for (const { fallbackUsed, servedModel, via, attempts } of calls) {
      expect({ fallbackUsed, via }).toEqual({ fallbackUsed: true, via: "portkey" });
      expect(servedModel).toContain("gpt-4o");
      const retries = attempts.filter(({ number }) => number > 1 && number < 5);
      for (const [index, { waitedMs }] of retries.entries()) {
        expect(waitedMs).toBeLessThanOrEqual(10 * 2 ** index);
      }
    }
  });

  it("writes the answer with its sources to a file, completely or not at all", async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "answer.md");
    await using page = await folderOfOnePage();
    const { code, stderr } = await runHere(["--out", path, "--docs", page.path]);
    expect(code).toBe(0);
    expect(stderr).toContain(`Written to ${path}`);
    expect(await readFile(path, "utf8")).toMatch(/^# What happens.*## Sources\n\n- \[1\] `/s);
    expect(await readdir(folder.path)).toEqual(["answer.md"]);
  });
});
