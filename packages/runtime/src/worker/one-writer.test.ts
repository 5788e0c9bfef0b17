import { tool } from "@langchain/core/tools";
import { Annotation, END, interrupt, START, StateGraph } from "@langchain/langgraph";
import { researchValidateExecute } from "@orchestra/core/pipelines";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { definePipeline, type Pipeline } from "../pipelines/index.ts";
import type { Runtime } from "../runtime.ts";
import { describeServerFirst } from "../test-support/databases.ts";
import { holdClaims, holdHeartbeats, holdWrites } from "../test-support/hold-statements.ts";
import { takeLeasesAway } from "../test-support/leases.ts";
import { question, startTestRuntime } from "../test-support/test-runtime.ts";

const State = Annotation.Root({
  first: Annotation<string>,
  second: Annotation<string>,
});

/** Two steps that say who has done them; `pause` holds up the first. */
function twoSteps(who: string, pause: () => Promise<void> = async () => undefined): Pipeline {
  return definePipeline({
    name: "two-steps",
    create: ({ checkpointer }) =>
      new StateGraph(State)
        .addNode("one", async () => {
          await pause();
          return { first: `by ${who}` };
        })
        .addNode("two", ({ first }) => ({ second: `after "${first}", by ${who}` }))
        .addEdge(START, "one")
        .addEdge("one", "two")
        .addEdge("two", END)
        .compile({ checkpointer }),
  });
}

/** Research in an archive that says whose it is; `pause` holds up what it finds. */
function researchBy(who: string, pause: () => Promise<void>): Pipeline {
  const text = `The lighthouse of Vell was built in 1871, as the archive of ${who} says.`;
  const search = tool(
    async () => {
      await pause();
      return JSON.stringify({ passages: [{ path: "vell.md", line: 3, text }] });
    },
    {
      name: "search",
      description: "Searches the archive",
      schema: z.object({ query: z.string() }),
    },
  );
  return definePipeline({
    name: "research",
    create: ({ orchestra, checkpointer }) =>
      researchValidateExecute({
        researcher: orchestra.researcher({ tools: [search] }),
        validator: orchestra.validator(),
        executor: orchestra.executor(),
        checkpointer,
      }),
  });
}

/** Work that says that it has begun, and goes on when it is let. */
function createGate() {
  const entered = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  const pause = () => {
    entered.resolve();
    return opened.promise;
  };
  return { pause, entered: entered.promise, open: opened.resolve };
}

/** The types of the events of a run that are in the database now. */
async function typesOf({ database: { query, schema } }: Runtime, runId: string): Promise<string[]> {
  const rows = await query<{ type: string }>(
    `SELECT event->>'type' AS type FROM "${schema}".events WHERE run_id = $1`,
    [runId],
  );
  return rows.map(({ type }) => type);
}

async function jobsOf({ database: { query, schema } }: Runtime, runId: string): Promise<string[]> {
  const rows = await query<{ state: string }>(
    `SELECT state::text FROM "${schema}_queue".job
     WHERE name = 'run-jobs' AND data->>'runId' = $1 AND state < 'completed'`,
    [runId],
  );
  return rows.map(({ state }) => state);
}

describeServerFirst("a run has one job", (open) => {
  test("when it is cancelled in the queue and resumed", async ({ expect }) => {
    await using t = await startTestRuntime({ database: await open() });
    const { runtime } = t;
    const { id } = await runtime.start("answer", question);
    await runtime.cancel(id);
    expect(await jobsOf(runtime, id)).toEqual([]);
    await runtime.resume(id);
    expect(await jobsOf(runtime, id)).toEqual(["created"]);
    const other = await t.another();
    await Promise.all([runtime.work({ name: "a" }), other.work({ name: "b" })]);
    expect(await runtime.wait(id)).toMatchObject({ status: "succeeded", executions: 1 });
    await expect.poll(() => jobsOf(runtime, id)).toEqual([]);
    const types = (await Array.fromAsync(runtime.events(id))).map(({ type }) => type);
    expect(types).not.toContain("run-lost");
  });

  test("when it is started twice with one key, at once", async ({ expect }) => {
    await using t = await startTestRuntime({ database: await open() });
    const { runtime } = t;
    const start = () => runtime.start("answer", question, { idempotencyKey: "order" });
    const started = await Promise.all([start(), start(), start()]);
    const [id] = new Set(started.map((run) => run.id));
    expect(started.map((run) => run.id)).toEqual([id, id, id]);
    const { query, schema } = runtime.database;
    const jobs = await query(`SELECT id FROM "${schema}_queue".job WHERE name = 'run-jobs'`);
    expect(jobs).toHaveLength(1);
    expect(await jobsOf(runtime, id!)).toEqual(["created"]);
  });

  test("or none is started: of an id that has a job in the queue", async ({ expect }) => {
    await using t = await startTestRuntime({ database: await open() });
    const { runtime } = t;
    const { query, schema } = runtime.database;
    await runtime.start("answer", question, { id: "a" });
    await query(`DELETE FROM "${schema}".runs`);
    await expect(runtime.start("answer", question, { id: "a" })).rejects.toThrow(
      "The run a has a job in the queue already",
    );
    expect((await runtime.list()).runs).toEqual([]);
  });

  test("until its end, and then none", async ({ expect }) => {
    await using t = await startTestRuntime({ database: await open(), pipelines: [askTwice] });
    const { runtime } = t;
    await runtime.work();
    const { id } = await runtime.start("ask-twice", {});
    await expect.poll(async () => (await runtime.get(id)).status).toBe("waiting");
    expect(await jobsOf(runtime, id)).toEqual([]);
    const { query, schema } = runtime.database;
    expect(await query(`SELECT FROM "${schema}_queue".job WHERE name = 'run-jobs'`)).toEqual([]);
  });

  test("when it waits for quota and is resumed, and when its deadline passes in the queue", async ({
    expect,
  }) => {
    await using t = await startTestRuntime({ database: await open() });
    const { runtime, sandbox } = t;
    const worker = await runtime.work();
    sandbox.order({ fault: "rate-limit-day", retryAfterSeconds: 3600, times: 1 });
    const { id } = await runtime.start("answer", question);
    await expect.poll(async () => (await runtime.get(id)).status).toBe("waiting");
    expect(await jobsOf(runtime, id)).toEqual(["created"]);
    await worker.drain();
    await runtime.resume(id);
    expect(await jobsOf(runtime, id)).toEqual(["created"]);
    await runtime.cancel(id);
    expect(await jobsOf(runtime, id)).toEqual([]);
  });

  test("when it is retried while the worker is not quite done with it", async ({ expect }) => {
    await using t = await startTestRuntime({
      database: await open(),
      pipelines: [twoSteps("a worker")],
    });
    const { runtime } = t;
    await runtime.work();
    const { id } = await runtime.start("two-steps", {});
    for (let times = 1; times <= 5; times += 1) {
      expect(await runtime.wait(id)).toMatchObject({ status: "succeeded", executions: times });
      if (times < 5) await runtime.retry(id);
    }
  });
});

describeServerFirst("a worker that is slow to claim a run whose job it has got", (open) => {
  test.each([
    {
      since: "its lease has lapsed",
      pass: ({ database }: Runtime) => takeLeasesAway(database),
    },
    {
      since: "the run was cancelled and resumed",
      pass: async (runtime: Runtime, id: string) => {
        await runtime.cancel(id);
        await runtime.resume(id);
      },
    },
  ])("leaves the run to the one that has claimed it since $since", async ({ pass }) => {
    const gate = createGate();
    const database = await open();
    await using ofHeir = await open({ like: database });
    let isExecutedByBoth = false;
    const late = async () => void (isExecutedByBoth = true);
    await using t = await startTestRuntime({ database, pipelines: [twoSteps("A", late)] });
    const heir = await t.another({ database: ofHeir, pipelines: [twoSteps("B", gate.pause)] });
    using claim = holdClaims(database);
    // It does not notice by itself that it has lost the job.
    using _ = holdHeartbeats(database);
    const slow = await t.runtime.work({ name: "A", concurrency: 1 });
    const { id } = await t.runtime.start("two-steps", {});
    await claim.begun;
    await pass(heir, id);
    await heir.work({ name: "B" });
    await gate.entered;
    claim.release();
    await expect.poll(() => slow.active).toBe(0);
    gate.open();
    const output = { first: "by B", second: 'after "by B", by B' };
    expect(await heir.wait(id)).toMatchObject({ status: "succeeded", executions: 1, output });
    expect(isExecutedByBoth).toBe(false);
    const types = (await Array.fromAsync(heir.events(id))).map(({ type }) => type);
    expect(types).not.toContain("run-lost");
  });
});

describe.concurrent("an execution that has lost its run", () => {
  describeServerFirst("writes nothing more", (open) => {
    test("of its checkpoints, steps and end, and the output is the other's alone", async ({
      expect,
    }) => {
      const gate = createGate();
      await using t = await startTestRuntime({
        database: await open(),
        pipelines: [twoSteps("A", gate.pause)],
      });
      const { runtime } = t;
      const first = await runtime.work({ name: "A", concurrency: 1 });
      const { id } = await runtime.start("two-steps", {});
      await gate.entered;
      const heir = await t.another({ pipelines: [twoSteps("B")] });
      await heir.work({ name: "B" });
      await takeLeasesAway(runtime.database);
      const ended = await runtime.wait(id);
      const output = { first: "by B", second: 'after "by B", by B' };
      expect(ended).toMatchObject({ status: "succeeded", worker: "B", output });
      const { query, schema } = runtime.database;
      const kept = () =>
        query(
          `SELECT (SELECT count(*) FROM "${schema}".checkpoints)::int AS checkpoints,
            (SELECT count(*) FROM "${schema}".checkpoint_writes)::int AS writes,
            (SELECT count(*) FROM "${schema}".events)::int AS events`,
        );
      const before = await kept();
      gate.open();
      await expect.poll(() => first.active).toBe(0);
      expect(await kept()).toEqual(before);
      expect(await runtime.get(id)).toEqual(ended);
    });

    test("of what was on its way already, also where it comes before what the other writes", async ({
      expect,
    }) => {
      const database = await open();
      await using ofHeir = await open({ like: database });
      await using t = await startTestRuntime({ database, pipelines: [twoSteps("A")] });
      const { runtime } = t;
      const heir = await t.another({ database: ofHeir, pipelines: [twoSteps("B")] });
      // Each is the first write of its execution: their numbers are the same.
      using late = holdWrites(database);
      using next = holdWrites(ofHeir);
      const first = await runtime.work({ name: "A", concurrency: 1 });
      const { id } = await runtime.start("two-steps", {});
      await late.begun;
      await heir.work({ name: "B" });
      await takeLeasesAway(database);
      await next.begun;
      late.release();
      await expect.poll(() => first.active).toBe(0);
      next.release();
      const output = { first: "by B", second: 'after "by B", by B' };
      expect(await runtime.wait(id)).toMatchObject({ status: "succeeded", worker: "B", output });
    });

    test("of what its tool finds, also where it comes before what the other's tool finds", async ({
      expect,
    }) => {
      const [a, b] = [createGate(), createGate()];
      const database = await open();
      await using ofHeir = await open({ like: database });
      await using t = await startTestRuntime({ database, pipelines: [researchBy("A", a.pause)] });
      const { runtime } = t;
      // A worker that notices its loss would not write.
      using _ = holdHeartbeats(database);
      const first = await runtime.work({ name: "A", concurrency: 1 });
      const { id } = await runtime.start("research", question);
      await a.entered;
      const heir = await t.another({
        database: ofHeir,
        pipelines: [researchBy("B", b.pause)],
      });
      await heir.work({ name: "B" });
      await takeLeasesAway(database);
      await b.entered;
      a.open();
      await expect.poll(() => first.active).toBe(0);
      b.open();
      const { output } = await runtime.wait(id);
      const { query, schema } = database;
      const journal = await query(`SELECT value FROM "${schema}".journal WHERE run_id = $1`, [id]);
      for (const kept of [output, journal]) {
        expect(JSON.stringify(kept)).toContain("archive of B");
        expect(JSON.stringify(kept)).not.toContain("archive of A");
      }
    });

    test("of its answers; what they cost is booked, once", async ({ expect }) => {
      await using t = await startTestRuntime({ database: await open() });
      const { runtime, sandbox } = t;
      // A worker that notices its loss ends the request, and does not receive its cost.
      using heartbeats = holdHeartbeats(runtime.database);
      const lost = Promise.withResolvers<void>();
      sandbox.order({ fault: "slow", until: lost.promise, times: 1 });
      const first = await runtime.work({ name: "A", concurrency: 1 });
      const { id } = await runtime.start("answer", question);
      await expect.poll(() => sandbox.books.entries.length).toBe(1);
      // Nor does it notice by a write: it has nothing left to write until the answer comes.
      await expect.poll(() => typesOf(runtime, id)).toContain("attempt-start");
      const heir = await t.another();
      await takeLeasesAway(runtime.database);
      await heir.work({ name: "B" });
      await expect.poll(async () => (await runtime.get(id)).worker).toBe("B");
      lost.resolve();
      await expect.poll(() => first.active).toBe(0);
      heartbeats.release();
      const ended = await runtime.wait(id);
      expect(ended).toMatchObject({ status: "succeeded", worker: "B" });
      const { query, schema } = runtime.database;
      const answers = await query(
        `SELECT request, occurrence FROM "${schema}".journal WHERE run_id = $1 AND kind <> 'tool'`,
        [id],
      );
      expect(answers).toHaveLength(4);
      const paid = sandbox.books.totals();
      await expect
        .poll(async () => (await runtime.get(id)).usage)
        .toMatchObject({ promptTokens: paid.promptTokens });
      expect(sandbox.books.entries).toHaveLength(5);
    });
  });
});

const Asked = Annotation.Root({
  answers: Annotation<string[]>({ reducer: (a, b) => [...a, ...b], default: () => [] }),
});

/** Two steps at once, each of which asks. */
const askTwice = definePipeline({
  name: "ask-twice",
  create: ({ checkpointer }) =>
    new StateGraph(Asked)
      .addNode("left", () => ({ answers: [`left ${String(interrupt({ ask: "left?" }))}`] }))
      .addNode("right", () => ({ answers: [`right ${String(interrupt({ ask: "right?" }))}`] }))
      .addEdge(START, "left")
      .addEdge(START, "right")
      .addEdge("left", END)
      .addEdge("right", END)
      .compile({ checkpointer }),
});

describeServerFirst("a run that asks two things at once", (open) => {
  test.each([["left"], ["right"]])("continues when both are decided, %s first", async (begin) => {
    await using t = await startTestRuntime({ database: await open(), pipelines: [askTwice] });
    const { runtime } = t;
    await runtime.work();
    const { id } = await runtime.start("ask-twice", {});
    await expect.poll(async () => (await runtime.get(id)).status).toBe("waiting");
    const { waiting } = await runtime.get(id);
    if (!waiting || !("interrupts" in waiting)) throw new Error("It waits for something else");
    expect(waiting.for).toBe("interrupt");
    const asked = waiting.interrupts.map(({ step, value }) => [step, value]);
    expect(Object.fromEntries(asked)).toEqual({
      left: { ask: "left?" },
      right: { ask: "right?" },
    });
    await expect(runtime.decide(id, "yes")).rejects.toThrow(
      /waits for 2 decisions; name one by its interrupt: expected one of .*\(step left\)/,
    );
    const [first, second] = waiting.interrupts.toSorted(({ step }) => (step === begin ? -1 : 1));
    const left = await runtime.decide(id, "yes", { interrupt: first!.id });
    expect(left).toMatchObject({
      status: "waiting",
      waiting: { interrupts: [{ id: second!.id }] },
    });
    await expect(runtime.decide(id, "no", { interrupt: first!.id })).rejects.toThrow(
      /does not wait for a decision on/,
    );
    await runtime.decide(id, "no");
    const ended = await runtime.wait(id);
    expect(ended).toMatchObject({ status: "succeeded", executions: 2 });
    const { answers } = ended.output as { answers: string[] };
    expect(answers.toSorted()).toEqual(
      begin === "left" ? ["left yes", "right no"] : ["left no", "right yes"],
    );
  });
});
