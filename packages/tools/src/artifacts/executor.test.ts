import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../test-support/temporary-folder.ts";
import { documentTools, openDocuments } from "../documents/index.ts";
import { researchValidateExecute } from "@orchestra/core/pipelines";
import { startTestOrchestra } from "../test-support/test-orchestra.ts";
import { artifactTools, listArtifacts } from "./index.ts";

const task = "When was the lighthouse of Vell built?";
const name = "lighthouse-vell-built.md";

const review = {
  task,
  claims: [
    {
      number: 1,
      statement: "The lighthouse of Vell was built in 1871.",
      evidence: { path: "vell.md", line: 3, quote: "The lighthouse of Vell was built in 1871." },
    },
  ],
  openQuestions: [],
  verdict: "approve" as const,
  issues: [],
  confidence: 1,
};

describe("an executor with artifact tools", () => {
  test("writes a file, answers as it does without, and leaves one when it runs again", async () => {
    await using folder = await temporaryFolder({});
    await using t = await startTestOrchestra();
    const out = join(folder.path, "out");
    const executor = t.orchestra.executor({ tools: artifactTools(out) });

    const deliverable = await executor.invoke(review);
    expect(deliverable).toEqual(await t.orchestra.executor().invoke(review));
    expect(t.events.filter(({ type }) => type === "tool-call")).toMatchObject([
      { tool: "write_artifact", input: { path: name } },
    ]);
    const written = await readFile(join(out, name), "utf8");
    expect(written).toContain("built in 1871 [1].");

    expect(await executor.invoke(review)).toEqual(deliverable);
    expect(await readdir(out)).toEqual([name]);
    expect(await readFile(join(out, name), "utf8")).toBe(written);
  });

  test("gets an error for its mistakes, and continues", async () => {
    await using folder = await temporaryFolder({});
    const write = { name: "write_artifact", arguments: '{"path":"../escaped.md","content":"x"}' };
    const text = "It was built in 1871 [1].";
    await using t = await startTestOrchestra({
      sandbox: {
        fixtures: [
          { match: { hasToolResult: false }, response: { toolCalls: [write] } },
          { match: { hasToolResult: true }, response: { content: text } },
        ],
      },
    });
    const tools = artifactTools(join(folder.path, "out"));
    const deliverable = await t.orchestra.executor({ tools }).invoke(review);
    expect(deliverable.text).toBe(text);
    const told = JSON.stringify(t.sandbox.books.entries.at(-1));
    expect(told).toContain("leads out of its folder");
    expect(await readdir(folder.path)).toEqual([]);
  });

  test("gets the errors of the file system, and continues", async () => {
    await using folder = await temporaryFolder({ out: "a file" });
    await using t = await startTestOrchestra();
    const tools = artifactTools(join(folder.path, "out"));
    const deliverable = await t.orchestra.executor({ tools }).invoke(review);
    expect(deliverable.text).toContain("1871");
    expect(JSON.stringify(t.sandbox.books.entries.at(-1))).toContain("EEXIST");
  });

  test("delivers at the end of the pipeline", async () => {
    await using folder = await temporaryFolder({
      "docs/vell.md": "# Vell\n\nThe lighthouse of Vell was built in 1871.\n",
    });
    await using t = await startTestOrchestra();
    const documents = await openDocuments(join(folder.path, "docs"));
    const out = join(folder.path, "out");
    const pipeline = researchValidateExecute({
      researcher: t.orchestra.researcher({ tools: documentTools(documents) }),
      validator: t.orchestra.validator({ sources: documents }),
      executor: t.orchestra.executor({ tools: artifactTools(out) }),
    });
    const { citations } = await pipeline.invoke({ task });
    expect(citations).toMatchObject([{ number: 1, path: "vell.md", line: 3 }]);
    expect(await listArtifacts(out)).toMatchObject([{ path: name }]);
    expect(await readFile(join(out, name), "utf8")).toBe(
      `# ${task}\n\nThe lighthouse of Vell was built in 1871 [1].\n\n## Sources\n\n` +
        "[1] vell.md:3: “The lighthouse of Vell was built in 1871.”\n",
    );
  });
});
