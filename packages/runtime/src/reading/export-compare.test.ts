import { tool } from "@langchain/core/tools";
import { Orchestra } from "@orchestra/core";
import { researchValidateExecute } from "@orchestra/core/pipelines";
import { replayJournal } from "@orchestra/core/testing";
import { expect, test } from "vitest";
import { z } from "zod";
import { describeServerFirst } from "../test-support/databases.ts";
import { question, startTestRuntime } from "../test-support/test-runtime.ts";

const key = "sk-or-v1-test-0123456789";
const silent = { error() {}, warn() {}, info() {}, debug() {} };

/** The pipeline of the test runtime, without a network: nothing answers at its address. */
function offline() {
  const orchestra = new Orchestra({
    logger: silent,
    environment: {
      OPENROUTER_API_KEY: key,
      OPENROUTER_BASE_URL: "http://127.0.0.1:9/v1",
      OPENROUTER_DEFAULT_MODEL: "openai/gpt-4o",
    },
  });
  const search = tool(() => Promise.reject(new Error("The archive is closed")), {
    name: "search",
    description: "Searches the archive",
    schema: z.object({ query: z.string() }),
  });
  return researchValidateExecute({
    researcher: orchestra.researcher({ tools: [search] }),
    validator: orchestra.validator(),
    executor: orchestra.executor(),
  });
}

describeServerFirst("runs that have ended", (open) => {
  test("are exported and replayed without a network, and compared step by step", async () => {
    await using t = await startTestRuntime({ database: await open() });
    const { runtime } = t;
    await runtime.work();
    const { id } = await runtime.start("answer", { task: `${question.task} My key: ${key}` });
    const run = await runtime.wait(id);
    const text = JSON.stringify(await runtime.export(id));
    expect(text).not.toContain(key);

    // What the answer cost that is cut off becomes known after the record of its call is written.
    t.sandbox.order({ fault: "cut", times: 1 });
    const { id: plain } = await runtime.start("answer", question);
    const ended = await runtime.wait(plain);
    const exported = await runtime.export(plain);
    expect(exported).toMatchObject({ format: 1, run: { id: plain, status: "succeeded" } });
    const calls = exported.journal.flatMap(({ call }) => call ?? []);
    expect(calls).toEqual(["research:1", "research:2", "validate:1", "execute:1"]);
    const journal = replayJournal(JSON.parse(JSON.stringify(exported)));
    const state = await offline().invoke(question, { configurable: { journal } });
    const { answer } = ended.output as { readonly answer: string };
    expect(state).toMatchObject({ status: "succeeded", answer });
    expect(journal.unused).toEqual([]);

    const { id: fork } = await runtime.fork(plain, { from: "execute" });
    await runtime.wait(fork);
    // A fork has what it has taken over in its journal too.
    expect((await runtime.export(fork)).journal).toHaveLength(exported.journal.length);
    const { steps, totals, a, b } = await runtime.compare(plain, fork);
    expect([a.id, b.id]).toEqual([plain, fork]);
    expect(steps.map(({ step, visit }) => [step, visit])).toEqual([
      ["research", 1],
      ["validate", 1],
      ["execute", 1],
    ]);
    expect(steps[0]).toMatchObject({
      isSame: true,
      a: { calls: 2, toolCalls: 1, paidCalls: 2, models: ["openai/gpt-4o"] },
      b: { calls: 2, toolCalls: 1, paidCalls: 0, paidUsd: 0 },
    });
    expect(steps[2]).toMatchObject({ b: { paidCalls: 1, answers: [{ call: "execute:1" }] } });
    expect(totals.a.paidUsd).toBe(ended.usage.costUsd);
    expect(totals.a.durationMs).toBe(Number(totals.a.durationMs.toFixed(1)));
    expect(totals.b.paidUsd).toBeLessThan(totals.a.paidUsd);
    expect(steps[0]?.b?.costUsd).toBe(steps[0]?.a?.costUsd);

    const { id: cancelled } = await runtime.start("answer", question, { approval: true });
    await expect.poll(async () => (await runtime.get(cancelled)).status).toBe("waiting");
    const compared = await runtime.compare(cancelled, plain);
    expect(compared.steps.at(-1)).toMatchObject({ step: "execute", isSame: false });
    expect(compared.steps.at(-1)).not.toHaveProperty("a");
    await expect(runtime.compare(plain, "none")).rejects.toThrow(/no run "none"/);
    await expect(runtime.export("none")).rejects.toThrow(/no run "none"/);
    expect(run.status).toBeDefined();
  });

  test("are compared whatever texts their events have", async () => {
    await using t = await startTestRuntime({ database: await open() });
    const { runtime } = t;
    await runtime.work();
    const { id } = await runtime.start("answer", question, { approval: true });
    await expect.poll(async () => (await runtime.get(id)).status).toBe("waiting");
    await runtime.approve(id, { note: "\0 and half a pair: \uD800" });
    const { usage } = await runtime.wait(id);
    const { totals } = await runtime.compare(id, id);
    expect(totals.a).toMatchObject({ calls: usage.calls, paidCalls: usage.calls });
  });
});
