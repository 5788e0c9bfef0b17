import { randomUUID } from "node:crypto";
import { RunnableLambda } from "@langchain/core/runnables";
import { Annotation, END, interrupt, START, StateGraph } from "@langchain/langgraph";
import { ArgumentError } from "@orchestra/core";
import { describe, expect, test } from "vitest";
import { definePipeline } from "../pipelines/index.ts";
import { describeServerFirst, type OpenTestDatabase } from "../test-support/databases.ts";
import { startTestRuntime } from "../test-support/test-runtime.ts";

const echo = definePipeline({ name: "echo", create: () => RunnableLambda.from((input) => input) });

const grow = definePipeline({
  name: "grow",
  create: () => RunnableLambda.from((size: number) => "ä".repeat(size)),
});

const fail = definePipeline({
  name: "fail",
  create: () =>
    RunnableLambda.from((message: string) => {
      throw new Error(message);
    }),
});

const State = Annotation.Root({ question: Annotation<string>, answer: Annotation<unknown> });

/** Asks what its input says, and ends with the answer. */
const ask = definePipeline({
  name: "ask",
  create: ({ checkpointer }) =>
    new StateGraph(State)
      .addNode("ask", ({ question }) => ({ answer: interrupt(question.repeat(2)) }))
      .addEdge(START, "ask")
      .addEdge("ask", END)
      .compile({ checkpointer }),
});

const pipelines = [echo, grow, fail, ask];
const maxPayloadBytes = 2000;
const tooLarge =
  /cannot .*: it has [\d,]+ bytes as JSON: expected at most 2,000 \(ORCHESTRA_MAX_PAYLOAD_BYTES\)/;

async function start(open: OpenTestDatabase) {
  const database = await open();
  return startTestRuntime({ database, pipelines, settings: { maxPayloadBytes } });
}

describeServerFirst("a value of a run", (open) => {
  describe("that is too large", () => {
    test("is refused as an input, of a run and of a schedule", async () => {
      await using t = await start(open);
      const { runtime } = t;
      // Of 2 bytes each, with the quotes.
      const input = "ä".repeat(1000);
      const refused = runtime.start("echo", input);
      await expect(refused).rejects.toThrow(ArgumentError);
      await expect(refused).rejects.toThrow(/it has 2,002 bytes/);
      await expect(refused).rejects.toThrow(tooLarge);
      const schedule = { key: "k", cron: "* * * * *", pipeline: "echo", input };
      await expect(runtime.schedule(schedule)).rejects.toThrow(tooLarge);
      expect(await runtime.list()).toEqual({ runs: [] });
      expect(await runtime.schedules()).toEqual([]);
      await runtime.start("echo", input.slice(1));
    });

    test("is refused as a decision, and the run waits on", async () => {
      await using t = await start(open);
      const { runtime } = t;
      await runtime.work();
      const { id } = await runtime.start("ask", { question: "Which?" });
      await expect.poll(async () => (await runtime.get(id)).status).toBe("waiting");
      await expect(runtime.decide(id, "x".repeat(2000))).rejects.toThrow(tooLarge);
      expect(await runtime.get(id)).toMatchObject({ status: "waiting" });
      await runtime.decide(id, "this");
      expect(await runtime.wait(id)).toMatchObject({ output: { answer: "this" } });
    });

    test("fails its run as an output or as a question, with a code", async () => {
      await using t = await start(open);
      const { runtime } = t;
      await runtime.work();
      for (const [pipeline, input] of [
        ["grow", 1000],
        ["ask", { question: "?".repeat(1500) }],
      ] as const) {
        const { id } = await runtime.start(pipeline, input);
        const run = await runtime.wait(id);
        expect(run).toMatchObject({
          status: "failed",
          error: { code: "output_too_large", message: expect.stringMatching(tooLarge) },
        });
        expect(run).not.toHaveProperty("output");
      }
      const { id } = await runtime.start("grow", 999);
      expect(await runtime.wait(id)).toMatchObject({ status: "succeeded" });
      expect(t.errors).toEqual([]);
    });

    test("is cut as the message of an error", async () => {
      await using t = await startTestRuntime({ database: await open(), pipelines });
      await t.runtime.work();
      const { id } = await t.runtime.start("fail", "x".repeat(100_000));
      const { error } = await t.runtime.wait(id);
      expect(error?.message).toMatch(/^x{10000}… \(100000 characters in all\)$/);
    });
  });

  test("secrets are in nothing that is stored of it but its input and what its graph computes", async () => {
    await using t = await start(open);
    // A process that only starts, decides and cancels runs.
    const secret = `unlike-a-key-${randomUUID()}`;
    const control = await t.another({ environment: { OPENROUTER_API_KEY: secret } });
    const { database } = control;
    const { id: cancelled } = await control.start("echo", 1);
    await control.cancel(cancelled, `because of ${secret}`);
    const { id: asked } = await control.start("ask", { question: `Is it ${secret}?` });
    const { id: failed } = await control.start("fail", `wrong: ${secret}`);
    const { id: echoed } = await control.start("echo", { text: secret });
    await t.runtime.work();
    await expect.poll(async () => (await control.get(asked)).status).toBe("waiting");
    const texts = async () => {
      const rows = await database.query<{ text: string }>(
        `SELECT concat_ws(' ', id, output, error, waiting, decisions, cancel_reason) AS text
       FROM "${database.schema}".runs
       UNION ALL SELECT event::text FROM "${database.schema}".events`,
      );
      return rows.map(({ text }) => text).join("\n");
    };
    expect(await texts()).not.toContain(secret);
    await control.decide(asked, `It is ${secret}`);
    expect(await texts()).not.toContain(secret);
    expect(await control.wait(asked)).toMatchObject({ output: { answer: "It is [redacted]" } });
    expect(await control.wait(failed)).toMatchObject({ error: { message: "wrong: [redacted]" } });
    expect(await control.wait(echoed)).toMatchObject({ output: { text: "[redacted]" } });
    expect(await control.get(cancelled)).toMatchObject({ cancelReason: "because of [redacted]" });
    expect(await texts()).not.toContain(secret);
  });

  test("a runtime refuses a pipeline whose name cannot be stored, also without definePipeline()", async () => {
    await using t = await start(open);
    const nameless = { ...echo, name: "a\u0000b" };
    await expect(t.another({ pipelines: [nameless] })).rejects.toThrow(
      /is not a valid name of a pipeline/,
    );
  });
});
