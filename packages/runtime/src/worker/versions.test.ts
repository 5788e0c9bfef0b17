import { RunnableLambda } from "@langchain/core/runnables";
import { expect, test } from "vitest";
import { definePipeline } from "../pipelines/index.ts";
import type { Runtime } from "../runtime.ts";
import { describeServerFirst } from "../test-support/databases.ts";
import { startTestRuntime } from "../test-support/test-runtime.ts";

const saying = (version: string | undefined) =>
  definePipeline({
    name: "says",
    version,
    create: () => RunnableLambda.from(() => `by ${version ?? "the first"}`),
  });

async function queued(runtime: Runtime) {
  const { runs } = await runtime.list({ status: "queued" });
  return runs.map(({ version, hasWorker }) => ({ version, hasWorker }));
}

describeServerFirst("a run", (open) => {
  test("stays with the version of its pipeline that it began with, and is shown where no worker has it", async () => {
    await using t = await startTestRuntime({
      database: await open(),
      pipelines: [saying(undefined)],
    });
    const old = await t.runtime.start("says", 1);
    expect(old.version).toBe("1");
    expect(await queued(t.runtime)).toEqual([{ version: "1", hasWorker: false }]);

    const newer = await t.another({ pipelines: [saying("2")] });
    const worker = await newer.work();
    const next = await newer.start("says", 1);
    expect(await newer.wait(next.id)).toMatchObject({ version: "2", output: "by 2" });
    await expect.poll(() => queued(newer)).toEqual([{ version: "1", hasWorker: false }]);
    expect(await newer.get(old.id)).toMatchObject({ status: "queued", executions: 0 });
    await worker.drain();

    const both = await t.another({ pipelines: [saying(undefined), saying("2")] });
    await both.work();
    expect(await both.wait(old.id)).toMatchObject({ version: "1", output: "by the first" });
    expect(await both.start("says", 1)).toMatchObject({ version: "2" });
  });
});

test.each(["", "a b", "-1", "x".repeat(65)])("%j is no version", (version) => {
  expect(() => saying(version)).toThrow(/is not a valid version of the pipeline says: expected/);
});
