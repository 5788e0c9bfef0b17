import { RunnableLambda } from "@langchain/core/runnables";
import type { Sandbox } from "@orchestra/sandbox";
import { expect, test } from "vitest";
import { definePipeline } from "../pipelines/index.ts";
import type { Runtime } from "../runtime.ts";
import { describeServerFirst } from "../test-support/databases.ts";
import { answerPipeline, noKey, question, startTestRuntime } from "../test-support/test-runtime.ts";

/** A run of one step outside of a graph, with two calls whose second one depends on the input. */
const twoCalls = definePipeline({
  name: "two-calls",
  create: ({ orchestra }) =>
    RunnableLambda.from(async ({ word }: { word: string }, config) => {
      const one = await orchestra.modelFor("first").invoke("Say A", config);
      const two = await orchestra.modelFor("second").invoke(`Say ${word}`, config);
      return { texts: [one.text, two.text] };
    }),
});

const modelsOf = ({ books }: Sandbox) =>
  books.entries.map(({ body }) => (body as { readonly model: string }).model);

/** Models of the requests that a fork made, and the fork at its end. */
async function forked(
  { runtime, sandbox }: { readonly runtime: Runtime; readonly sandbox: Sandbox },
  ...[id, options]: Parameters<Runtime["fork"]>
) {
  const before = sandbox.books.entries.length;
  const { id: fork } = await runtime.fork(id, options);
  const run = await runtime.wait(fork);
  return { run, models: modelsOf(sandbox).slice(before) };
}

const free = { calls: 0, costUsd: 0 };
const other = "anthropic/claude-sonnet-4";

describeServerFirst("a fork", (open) => {
  test("of a graph reuses the steps before, and pays for the steps after", async () => {
    await using t = await startTestRuntime({ database: await open() });
    const { runtime, sandbox } = t;
    await runtime.work();
    const { id } = await runtime.start("answer", question);
    const source = await runtime.wait(id);
    expect(source).toMatchObject({ status: "succeeded", usage: { calls: 4 } });

    // The whole journal: a run that costs nothing.
    const again = await forked(t, id);
    const { output } = source as { output: { answer: string; runId: string } };
    expect(again).toMatchObject({ run: { usage: free, forkedFrom: { run: id } }, models: [] });
    expect(again.run.output).toEqual({ ...output, runId: again.run.id });
    expect(again.run.id).not.toBe(id);

    // From a step, with another model for its role, by a process that cannot call models.
    const runtimeWithoutKey = await t.another({ environment: noKey });
    const fromStep = await forked({ sandbox, runtime: runtimeWithoutKey }, id, {
      from: "execute",
      models: { executor: other },
    });
    expect(fromStep).toMatchObject({
      run: { status: "succeeded", usage: { calls: 1 }, models: { executor: other } },
      models: [other],
    });
    expect(fromStep.run).toMatchObject({
      forkedFrom: { run: id, from: "execute" },
      output: { runId: fromStep.run.id },
    });

    // The whole journal, with another model: only the calls of its role differ.
    const withModel = await forked(t, id, { models: { validator: other } });
    expect(withModel).toMatchObject({ run: { status: "succeeded" } });
    expect(withModel.models[0]).toBe(other);
    expect(withModel.models.length).toBeLessThan(3);

    // From a call: those before it are answered, in the same step too.
    const fromCall = await forked(t, id, { from: "research:2" });
    expect(fromCall).toMatchObject({ run: { status: "succeeded", usage: { calls: 3 } } });
    expect(fromCall.models).toHaveLength(3);
    const events = await Array.fromAsync(runtime.events(fromCall.run.id));
    expect(events.filter(({ type }) => type === "call-replay")).toHaveLength(1);
    expect(events[0]).toMatchObject({ forkedFrom: { run: id, from: "research:2" } });

    // Of a fork, once more: with what it has of the first run, and its models.
    const twice = await forked(t, fromStep.run.id);
    expect(twice).toMatchObject({ run: { usage: free, models: { executor: other } }, models: [] });

    // The first run is as it was; a retry of a fork begins from its own beginning.
    expect(await runtime.get(id)).toEqual(source);
    await runtime.retry(again.run.id);
    expect((await runtime.wait(again.run.id)).usage.calls).toBe(4);
    expect(t.errors).toEqual([]);
    expect(sandbox.books.entries.every(({ status }) => status === 200)).toBe(true);
  });

  test("with another input asks what differs, or writes it into the state before the step", async () => {
    await using t = await startTestRuntime({ database: await open() });
    const { runtime, sandbox } = t;
    await runtime.work();
    const { id } = await runtime.start("answer", question);
    await runtime.wait(id);
    const input = { task: "How old is the lighthouse of Vell?" };

    const withNewInput = await forked(t, id, { input });
    expect(withNewInput.run).toMatchObject({ input, usage: { calls: 4 } });

    const before = sandbox.books.entries.length;
    const { run, models } = await forked(t, id, { from: "validate", input });
    expect(run).toMatchObject({ status: "succeeded", input, output: input });
    expect(models).toHaveLength(2);
    const bodies = sandbox.books.entries.slice(before).map(({ body }) => JSON.stringify(body));
    expect(bodies.every((body) => body.includes(input.task))).toBe(true);
    expect(bodies.some((body) => body.includes(question.task))).toBe(false);
  });

  test("outside of a graph continues from a call by its number", async () => {
    await using t = await startTestRuntime({ database: await open(), pipelines: [twoCalls] });
    const { runtime } = t;
    await runtime.work();
    const { id } = await runtime.start("two-calls", { word: "B" });
    await runtime.wait(id);

    expect(await forked(t, id)).toMatchObject({ run: { usage: free }, models: [] });
    const input = { word: "C" };
    expect((await forked(t, id, { input })).run).toMatchObject({ usage: { calls: 1 } });
    expect((await forked(t, id, { from: "2" })).run).toMatchObject({ usage: { calls: 1 } });
    expect((await forked(t, id, { from: "1" })).run).toMatchObject({ usage: { calls: 2 } });
    const { models } = await forked(t, id, { models: { first: other } });
    expect(models).toEqual([other]);
    await expect(runtime.fork(id, { from: "research" })).rejects.toThrow(
      /did not reach the step or the call "research": expected one of its calls: 1, 2$/,
    );
  });

  test("keeps its models and its reused steps after a crash, on another worker", async () => {
    await using t = await startTestRuntime({ database: await open() });
    const { runtime, sandbox } = t;
    const first = await runtime.work();
    const { id } = await runtime.start("answer", question);
    await runtime.wait(id);
    await first.drain();

    const { id: fork } = await runtime.fork(id, { models: { executor: other } });
    sandbox.order({ fault: "hang", times: 1 });
    const dying = await runtime.work({ graceMs: 0 });
    await expect.poll(() => modelsOf(sandbox).at(-1)).toBe(other);
    await dying.drain();
    const next = await t.another();
    await next.work();
    const run = await next.wait(fork);
    expect(run).toMatchObject({ status: "succeeded", executions: 2 });
    expect(modelsOf(sandbox).slice(4)).toEqual([other, other]);
  });

  test("reports wrong arguments", async () => {
    await using t = await startTestRuntime({ database: await open() });
    const { runtime } = t;
    const { id } = await runtime.start("answer", question);
    await expect(runtime.fork(id)).rejects.toThrow(/is queued: only a run that has ended/);
    await runtime.work();
    await runtime.wait(id);
    await expect(runtime.fork("none")).rejects.toThrow(/There is no run "none"/);
    await expect(runtime.fork(id, { from: "reserch" })).rejects.toThrow(
      /did not reach the step or the call "reserch": expected one of its steps: research, validate, execute; or one of its calls: research:1, research:2, validate:1, execute:1/,
    );
    await expect(runtime.fork(id, { models: { executer: other } })).rejects.toThrow(
      /unknown role "executer": expected one of .*executor/,
    );
    await expect(runtime.fork(id, { input: { task: "" } })).rejects.toThrow(
      /The pipeline answer cannot use this input/,
    );
    await expect(runtime.fork(id, { form: "execute" } as object)).rejects.toThrow(/form/);

    const key = { idempotencyKey: "once", from: "execute" };
    const one = await runtime.fork(id, key);
    expect((await runtime.fork(id, key)).id).toBe(one.id);
    await expect(runtime.fork(id, { ...key, from: "validate" })).rejects.toThrow(/once/);
    await expect(runtime.fork(id, { id: one.id })).rejects.toThrow(/exists already/);
  });

  test("that an idempotency key has started is also found while its origin is executed again", async () => {
    await using t = await startTestRuntime({ database: await open() });
    const { runtime } = t;
    const worker = await runtime.work();
    const { id } = await runtime.start("answer", question);
    await runtime.wait(id);
    const key = { idempotencyKey: "once" };
    const { id: fork } = await runtime.fork(id, key);
    await runtime.wait(fork);
    await worker.drain();
    await runtime.retry(id);
    expect(await runtime.fork(id, key)).toMatchObject({ id: fork, status: "succeeded" });
    await expect(runtime.fork(id)).rejects.toThrow(/is queued/);
  });

  test("of a run that waits for a decision asks again, and the first run still waits", async () => {
    await using t = await startTestRuntime({
      database: await open(),
      pipelines: [answerPipeline],
    });
    const { runtime } = t;
    await runtime.work();
    const { id } = await runtime.start("answer", question, { approval: true });
    await expect.poll(async () => (await runtime.get(id)).status).toBe("waiting");
    const { id: fork } = await runtime.fork(id);
    await expect.poll(async () => (await runtime.get(fork)).status).toBe("waiting");
    await runtime.approve(fork);
    expect(await runtime.wait(fork)).toMatchObject({ status: "succeeded", usage: { calls: 1 } });
    expect(await runtime.get(id)).toMatchObject({ status: "waiting" });
    const fromStep = await runtime.fork(fork, { from: "approve" });
    await expect.poll(async () => (await runtime.get(fromStep.id)).status).toBe("waiting");
  });
});
