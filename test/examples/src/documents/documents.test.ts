import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRuntime } from "@orchestra/runtime";
import { expect, onTestFinished, test } from "vitest";
import { runExample } from "../run-example.ts";
import { newTables } from "../tables.ts";
import { useFewDocs } from "../use-few-docs.ts";

useFewDocs();

test("hybrid-search embeds the documents and each query, and ranks what it finds", async () => {
  const { printed, sandbox } = await runExample(() => import("./hybrid-search.ts"));
  expect(printed).toEqual([[expect.any(String), expect.any(Number)]]);
  const models = new Set(sandbox.books.entries.map(({ modelServed }) => modelServed));
  expect(models).toContain("openai/text-embedding-3-small");
  expect(models).toContain("cohere/rerank-v3.5");
});

test("report leaves its files in the folder of its run", async () => {
  const home = await mkdtemp(join(tmpdir(), "orchestra-examples-"));
  onTestFinished(() => rm(home, { recursive: true }));
  const run = async () => {
    const { report } = await import("./report.ts");
    await using runtime = await openRuntime({ pipelines: [report] });
    await using _worker = await runtime.work();
    const { id } = await runtime.start("report", "When was the lighthouse built?");
    expect(await runtime.wait(id)).toMatchObject({ status: "succeeded" });
    expect(await runtime.artifacts(id)).toContainEqual(
      expect.objectContaining({ name: "summary.md" }),
    );
  };
  await runExample(run, { environment: { ...newTables(), ORCHESTRA_HOME: home } });
});
