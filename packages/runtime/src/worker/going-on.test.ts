import {
  Annotation,
  END,
  interrupt,
  START,
  StateGraph,
  type BaseCheckpointSaver,
} from "@langchain/langgraph";
import { expect, onTestFinished, test, vi, type MockInstance } from "vitest";
import { definePipeline } from "../pipelines/index.ts";
import { describeServerFirst } from "../test-support/databases.ts";
import { startTestRuntime } from "../test-support/test-runtime.ts";

const State = Annotation.Root({
  words: Annotation<string[]>({ reducer: (a, b) => [...a, ...b], default: () => [] }),
});

/** Two steps, each of which says its name. */
function twoSteps(checkpointer: BaseCheckpointSaver) {
  return new StateGraph(State)
    .addNode("first", () => ({ words: ["first"] }))
    .addNode("second", () => ({ words: ["second"] }))
    .addEdge(START, "first")
    .addEdge("first", "second")
    .addEdge("second", END)
    .compile({ checkpointer });
}

describeServerFirst("a run that goes on", (open) => {
  // Each checkpoint of the run: the one with its input, then one after each step.
  test.each([0, 1, 2])(
    "executes the remaining steps if a step was done and checkpoint %i was not written",
    async (step) => {
      let failures = 0;
      const pipeline = definePipeline({
        name: "two-steps",
        create: ({ checkpointer }) => {
          const put = checkpointer.put.bind(checkpointer);
          checkpointer.put = async (...args) => {
            if (args[2].step === step && failures === 0) {
              failures += 1;
              throw new Error("The disk is full");
            }
            return put(...args);
          };
          return twoSteps(checkpointer);
        },
      });
      await using t = await startTestRuntime({ database: await open(), pipelines: [pipeline] });
      await t.runtime.work();
      const run = await t.runtime.start("two-steps", { words: ["input"] });
      expect(await t.runtime.wait(run.id)).toMatchObject({ status: "failed" });
      expect(failures).toBe(1);
      await t.runtime.resume(run.id);
      expect(await t.runtime.wait(run.id)).toMatchObject({
        status: "succeeded",
        output: { words: ["input", "first", "second"] },
      });
    },
  );

  const threeSteps = (clock: MockInstance<() => number>) => {
    const ask = (question: string) => () => ({ words: [String(interrupt(question))] });
    return new StateGraph(State)
      .addNode("first", () => {
        const ahead = performance.timeOrigin + 2000;
        clock.mockImplementation(() => Math.round(ahead + performance.now()));
        return { words: ["first"] };
      })
      .addNode("second", () => {
        clock.mockRestore();
        return ask("the second?")();
      })
      .addNode("third", ask("the third?"))
      .addEdge(START, "first")
      .addEdge("first", "second")
      .addEdge("second", "third");
  };

  test.each(["graph", "graph in a step"])(
    "continues after its last checkpoint where a clock ahead of this one made it, as a %s",
    async (form) => {
      const clock = vi.spyOn(Date, "now");
      onTestFinished(() => clock.mockRestore());
      const pipeline = definePipeline({
        name: "two-clocks",
        create: ({ checkpointer }) =>
          form === "graph"
            ? threeSteps(clock).compile({ checkpointer })
            : new StateGraph(State)
                .addNode("inner", threeSteps(clock).compile())
                .addEdge(START, "inner")
                .compile({ checkpointer }),
      });
      await using t = await startTestRuntime({ database: await open(), pipelines: [pipeline] });
      await t.runtime.work();
      const { id } = await t.runtime.start("two-clocks", { words: [] });
      const questionOf = async (executions: number) => {
        await expect
          .poll(() => t.runtime.get(id))
          .toMatchObject({ executions, status: expect.stringMatching(/waiting|failed/) });
        const { waiting } = await t.runtime.get(id);
        return waiting && "interrupts" in waiting ? waiting.interrupts : waiting;
      };
      expect(await questionOf(1)).toMatchObject([{ value: "the second?" }]);
      await t.runtime.decide(id, "second");
      expect(await questionOf(2)).toMatchObject([{ value: "the third?" }]);
      await t.runtime.decide(id, "third");
      expect(await t.runtime.wait(id)).toMatchObject({
        status: "succeeded",
        output: { words: ["first", "second", "third"] },
      });
    },
  );
});
