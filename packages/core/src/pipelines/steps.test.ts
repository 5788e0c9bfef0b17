import type { RunnableConfig } from "@langchain/core/runnables";
import { describe, expect, test } from "vitest";
import {
  findingsSchema,
  reviewSchema,
  type Deliverable,
  type Findings,
  type ResearchTask,
  type Review,
} from "../agents/index.ts";
import { runIdOf } from "../gateway/call-options.ts";
import { startTestOrchestra } from "../test-support/test-orchestra.ts";
import { joinFindings, researchValidateExecute } from "./index.ts";

const claim = (number: number, statement: string) => ({
  number,
  statement,
  evidence: { path: "vell.md", line: number, quote: statement },
});

const found = (task: string, ...statements: string[]): Findings => ({
  task,
  claims: statements.map((statement, index) => claim(index + 1, statement)),
  openQuestions: [],
});

const steps = {
  researcher: ({ task }: ResearchTask) => found(task, "a"),
  validator: async (findings: Findings): Promise<Review> => ({
    ...findings,
    verdict: "approve",
    issues: [],
    confidence: 1,
  }),
  executor: ({ task, claims }: Review): Deliverable => ({
    task,
    text: claims.map(({ number, statement }) => `${statement} [${number}]`).join(" "),
    citations: claims.map(({ number, evidence }) => ({ number, ...evidence })),
  }),
};

describe("the steps of a pipeline", () => {
  test("are functions, too", async () => {
    const state = await researchValidateExecute(steps).invoke({ task: "T" });
    expect(state).toMatchObject({ status: "succeeded", answer: "a [1]" });
  });

  test.each([null, undefined, "no", 5, Symbol("s"), { a: 1 }, Object.freeze(new Error("no"))])(
    "that throw %o fail with an error that names the step",
    async (thrown) => {
      const fails = () => {
        throw thrown;
      };
      const two = [steps.researcher, steps.researcher];
      const after = (name: string) => ({ after: { [name]: fails } });
      const broken = [
        ["research", { researcher: fails }],
        ["research", { researcher: [fails, steps.researcher] }],
        ["join", { researcher: two, join: fails }],
        ["validate", { validator: fails }],
        ["execute", { executor: fails }],
        ["after.research", after("research")],
        ["after.validate", after("validate")],
        ["after.execute", after("execute")],
      ] as const;
      for (const [name, step] of broken) {
        const pipeline = researchValidateExecute({ ...steps, ...step } as typeof steps);
        const message = `The step '${name}' of the pipeline threw `;
        await expect(pipeline.invoke({ task: "T" })).rejects.toMatchObject({
          code: "thrown_value",
          message: expect.stringContaining(message),
        });
      }
    },
  );

  const unreadable = () => ({
    get claims() {
      throw null;
    },
  });

  test.each([
    ["nothing", () => undefined, "its output is missing"],
    ["a function", () => () => 1, "its output is a function"],
    ["what cannot be read", unreadable, "threw null: expected an error"],
  ])("that give %s fail with an error that names the step", async (_, gives, problem) => {
    const two = [steps.researcher, steps.researcher];
    for (const [name, step] of [
      ["research", { researcher: gives }],
      ["research", { researcher: { invoke: async () => gives() } }],
      ["research", { researcher: [gives, steps.researcher] }],
      ["join", { researcher: two, join: gives }],
      ["validate", { validator: gives }],
      ["after.research", { after: { research: gives } }],
      ["after.validate", { after: { validate: gives } }],
    ] as const) {
      const pipeline = researchValidateExecute({ ...steps, ...step } as unknown as typeof steps);
      const failure = pipeline.invoke({ task: "T" });
      await expect(failure).rejects.toThrow(`step '${name}'`);
      await expect(failure).rejects.toThrow(problem);
    }
  });

  test("that never end, end with the run's abort", async () => {
    const never = (begin: () => void) => () => {
      begin();
      return new Promise<never>(() => undefined);
    };
    const two = [steps.researcher, steps.researcher];
    const places: readonly ((step: () => Promise<never>) => object)[] = [
      (step) => ({ researcher: step }),
      (step) => ({ researcher: { invoke: step } }),
      (step) => ({ researcher: [steps.researcher, { invoke: step }] }),
      (step) => ({ researcher: two, join: step }),
      (step) => ({ validator: step }),
      (step) => ({ executor: step }),
      (step) => ({ after: { execute: step } }),
    ];
    for (const place of places) {
      const stop = new AbortController();
      const step = never(() => stop.abort(new Error("enough")));
      const pipeline = researchValidateExecute({ ...steps, ...place(step) });
      await expect(pipeline.invoke({ task: "T" }, { signal: stop.signal })).rejects.toThrow(
        "enough",
      );
    }
  });

  test.each([0, 5, 30])("may go back %d times, above LangGraph's own limit too", async (times) => {
    const pipeline = researchValidateExecute({
      ...steps,
      maxRevisions: times,
      after: { research: (findings) => findings, validate: (review) => review },
      validator: async (findings: Findings): Promise<Review> => ({
        ...(await steps.validator(findings)),
        verdict: "revise",
      }),
    });
    const state = await pipeline.invoke({ task: "T" }, { recursionLimit: 3 });
    expect(state).toMatchObject({ status: "rejected", revisions: times });
  });

  test.each([101, 1e9])("may not go back without an end: %d times", (maxRevisions) => {
    expect(() => researchValidateExecute({ ...steps, maxRevisions })).toThrow(
      "maxRevisions must be at most 100",
    );
  });

  test.each([
    ["x", "The run: input is a text: expected an object with a task, such as"],
    [undefined, "The run: input is missing: expected an object with a task, such as"],
    [{}, "The run: input.task is missing: expected a text that describes the task"],
    [{ tsk: "x" }, "The run: input.task is missing: expected a text that describes the task"],
  ])("are not run for the input %j", async (input, message) => {
    const pipeline = researchValidateExecute(steps);
    await expect(pipeline.invoke(input as never)).rejects.toThrow(message);
  });

  test("get the run's id, signal and listener as agents do", async () => {
    const seen: unknown[] = [];
    const pipeline = researchValidateExecute({
      ...steps,
      validator: (findings: Findings, config) => {
        seen.push(runIdOf(config), config.signal instanceof AbortSignal);
        return steps.validator(findings);
      },
    });
    const { signal } = new AbortController();
    await pipeline.invoke({ task: "T" }, { signal, configurable: { run_id: "run-1" } });
    expect(seen).toEqual(["run-1", true]);
  });

  test("can be put between the others, as nodes", async () => {
    const nodes: string[] = [];
    const pipeline = researchValidateExecute({
      ...steps,
      after: {
        research: (findings) => ({ ...findings, claims: [claim(7, "b")] }),
        validate: (review) => ({ ...review, task: review.task.toLowerCase() }),
        execute: ({ task, text, ...others }) => ({ ...others, task, text: `${task}: ${text}` }),
      },
    });
    for await (const update of await pipeline.stream({ task: "T" }, { streamMode: "updates" })) {
      nodes.push(...Object.keys(update));
    }
    expect(nodes).toEqual([
      "research",
      "after.research",
      "validate",
      "after.validate",
      "execute",
      "after.execute",
    ]);
    expect(await pipeline.invoke({ task: "T" })).toMatchObject({ answer: "T: b [7]" });
  });

  test("decide by the verdict that the step behind validation gives", async () => {
    const pipeline = researchValidateExecute({
      ...steps,
      after: {
        validate: (review) => ({
          ...review,
          verdict: "reject",
          issues: [{ claim: 1, problem: "Not today" }],
        }),
      },
    });
    expect(await pipeline.invoke({ task: "T" })).toMatchObject({
      status: "rejected",
      reasons: ["Not today"],
    });
  });

  test("research at the same time, and their findings are joined", async () => {
    const started = Promise.withResolvers<void>();
    const pipeline = researchValidateExecute({
      ...steps,
      researcher: [
        async ({ task }) => {
          await started.promise;
          return { ...found(task, "a", "b"), openQuestions: ["Why?"] };
        },
        ({ task }) => {
          started.resolve();
          return { ...found(task, "b", "c"), openQuestions: ["Why?", "When?"] };
        },
      ],
    });
    const { findings, answer } = await pipeline.invoke({ task: "T" });
    expect(findings?.claims.map(({ number, statement }) => `${number} ${statement}`)).toEqual([
      "1 a",
      "2 b",
      "3 c",
    ]);
    expect(findings?.openQuestions).toEqual(["Why?", "When?"]);
    expect(answer).toBe("a [1] b [2] c [3]");
  });

  test("can be extended by a user's step", async () => {
    const pipeline = researchValidateExecute({
      ...steps,
      researcher: [steps.researcher, ({ task }) => found(task, "b")],
      join: (all) => ({ ...joinFindings(all), openQuestions: [`${all.length} researchers`] }),
    });
    const { findings } = await pipeline.invoke({ task: "T" });
    expect(findings?.openQuestions).toEqual(["2 researchers"]);
  });

  test("abort the other researchers where one fails", async () => {
    const aborted = Promise.withResolvers<string>();
    const pipeline = researchValidateExecute({
      ...steps,
      researcher: [
        (_: ResearchTask, { signal }: RunnableConfig) =>
          new Promise<Findings>((_resolve, reject) => {
            signal?.addEventListener("abort", () => {
              aborted.resolve("aborted");
              reject(signal.reason as Error);
            });
          }),
        async (): Promise<Findings> => {
          throw new Error("No archive");
        },
      ],
    });
    await expect(pipeline.invoke({ task: "T" })).rejects.toThrow("No archive");
    await expect(aborted.promise).resolves.toBe("aborted");
  });

  test.each([
    ["research", { researcher: () => undefined }, "its output is missing"],
    ["research", { researcher: () => "text" }, "its output is a text"],
    ["research", { researcher: [() => ({ task: "T" })] }, "its output.claims"],
    ["validate", { validator: (f: Findings) => ({ ...f, verdict: "ok", issues: [] }) }, "verdict"],
    ["after.validate", { after: { validate: () => ({}) } }, "its output.verdict"],
    ["execute", { executor: () => ({ text: "text" }) }, "its output.citations"],
  ])("end the run with an error that names the step: %s", async (step, wrong, problem) => {
    const pipeline = researchValidateExecute({ ...steps, ...wrong } as never);
    const error = await pipeline.invoke({ task: "T" }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "argument_error" });
    expect((error as Error).message).toContain(`'${step}'`);
    expect((error as Error).message).toContain(problem);
  });

  test.each([
    ["a step that is none", { validator: "validator" }, "options.validator"],
    ["no researcher", { researcher: [] }, "options.researcher"],
    ["a step of a wrong name", { after: { validat: steps.validator } }, "validate"],
  ])("are checked when the pipeline is made: %s", (_, wrong, problem) => {
    expect(() => researchValidateExecute({ ...steps, ...wrong } as never)).toThrow(problem);
  });
});

test("the schemas of findings and reviews can be used for a user's roles", async () => {
  const review = await steps.validator(found("T", "a"));
  expect(findingsSchema().parse(review)).toEqual(found("T", "a"));
  expect(reviewSchema().parse(review)).toEqual(review);
  await using t = await startTestOrchestra({
    sandbox: { fixtures: [{ match: {}, response: { content: "Short." } }] },
  });
  const summarizer = t.orchestra.agent({
    name: "summarizer",
    system: "You summarize.",
    input: reviewSchema(),
  });
  const pipeline = researchValidateExecute({
    ...steps,
    executor: async (given) => ({
      task: given.task,
      text: await summarizer.invoke(given),
      citations: [],
    }),
  });
  expect(await pipeline.invoke({ task: "T" })).toMatchObject({ answer: "Short." });
});
