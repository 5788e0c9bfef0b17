import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import { startSandbox } from "@orchestra/sandbox";
import { expect, inject, test } from "vitest";
import { openRuntime } from "../open-runtime.ts";
import { definePipeline } from "../pipelines/index.ts";
import { openOnServer } from "./databases.ts";
import { openFreezingDatabase } from "./freezing-database.ts";
import { takeLeasesAway } from "./leases.ts";
import { environmentFor } from "./test-runtime.ts";

const prompt = "# Question\nWhen was it built?\n\n# Material\nIt was built in 1871.";
const State = Annotation.Root({ said: Annotation<string>, told: Annotation<string> });

/** A call, and a step after it. */
const short = definePipeline({
  name: "short",
  create: ({ orchestra, checkpointer }) =>
    new StateGraph(State)
      .addNode("ask", async (_, config) => {
        const { text } = await orchestra.model.invoke(prompt, config);
        return { said: text };
      })
      .addNode("tell", ({ said }) => ({ told: `${said} So they say.` }))
      .addEdge(START, "ask")
      .addEdge("ask", "tell")
      .addEdge("tell", END)
      .compile({ checkpointer }),
});

/** Stops a worker after each nth statement of a run: all of them take a minute. */
export function testEachNthMoment(nth: number): void {
  test("a worker may stop after any statement and wake up too late, and its run ends once, and right", async () => {
    await using sandbox = await startSandbox();
    await using database = await openOnServer();
    const options = { pipelines: [short], environment: environmentFor(sandbox) };
    await using runtime = await openRuntime({ ...options, database });
    await using freezing = await openFreezingDatabase(inject("databaseUrl"), database.schema);
    await using theirs = await openRuntime({
      ...options,
      database: freezing.database,
      onError: () => undefined,
    });
    const first = await theirs.work({ name: "first", concurrency: 1 });

    let statements = 0;
    for (let isFrozen = true; isFrozen; statements += nth) {
      const frozen = freezing.freezeAfter(statements);
      const before = sandbox.books.entries.length;
      const { id } = await runtime.start("short", {});
      const ended = runtime.wait(id);
      isFrozen = await Promise.race([frozen.then(() => true), ended.then(() => false)]);
      const second = await runtime.work({ name: "second" });
      await takeLeasesAway(database);
      const run = await ended;
      await second.drain();
      freezing.thaw();
      await expect.poll(() => first.active).toBe(0);

      // Who woke up too late has changed nothing any more, other than to book what it had paid for.
      expect({ ...(await runtime.get(id)), usage: run.usage }).toEqual(run);
      const events = await Array.fromAsync(runtime.events(id));
      expect({
        statements,
        status: run.status,
        output: run.output,
        calls: sandbox.books.entries.length - before > 2 ? "too many" : "once, or again",
        ends: events.filter(({ type }) => type === "run-end").length,
        numbers: events.map(({ number }) => number),
      }).toEqual({
        statements,
        status: "succeeded",
        output: { said: "It was built in 1871.", told: "It was built in 1871. So they say." },
        calls: "once, or again",
        ends: 1,
        numbers: events.map((_, index) => index + 1),
      });
    }
  });
}
