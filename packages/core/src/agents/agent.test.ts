import { tool } from "@langchain/core/tools";
import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { systemClock } from "../clock/index.ts";
import { CallFailedError, FindingsRejectedError, ArgumentError } from "../errors/index.ts";
import { createRateLimiter } from "../resilience/rate-limiter/index.ts";
import { startTestOrchestra } from "../test-support/test-orchestra.ts";
import { defineRole } from "./define-role.ts";
import type { Deliverable, Findings, ResearchTask } from "./roles/index.ts";

const counter = defineRole({
  name: "counter",
  system: "You count vowels.",
  input: z.object({ word: z.string().min(1) }),
  output: z.object({ vowels: z.int() }),
  check: ({ vowels }, { word }) =>
    vowels > word.length ? ["a word has no more vowels than letters"] : [],
  finish: ({ vowels }, { word }) => ({ word, vowels }),
  maxTokens: 77,
});

const task = {
  task: "When was the lighthouse of Vell built?\n\n# Archive\n\nThe lighthouse of Vell was built in 1871.",
};

const says = (content: string) => ({ match: { userMessage: "# Word" }, response: { content } });

describe("an agent", () => {
  test("accepts only a list in batch(), and reports which inputs failed", async () => {
    await using t = await startTestOrchestra();
    const agent = t.orchestra.agent({ name: "a", system: "s" });
    for (const inputs of [null, "text", undefined]) {
      expect(() => agent.batch(inputs as never)).toThrow("batch(): inputs is ");
    }
    const [failed, answer] = await agent.batch(["", "Hi"], {}, { returnExceptions: true });
    expect(failed).toMatchObject({ code: "argument_error" });
    expect(answer).toBeTypeOf("string");
  });

  test.each([null, "no", Object.freeze(new Error("no"))])(
    "can be piped into a function; any value that it throws becomes an error: %o",
    async (thrown) => {
      await using t = await startTestOrchestra();
      const chain = t.orchestra.agent({ name: "a", system: "s" }).pipe(() => {
        throw thrown;
      });
      await expect(chain.invoke("Hi")).rejects.toMatchObject({
        code: "thrown_value",
        message: expect.stringContaining("The function that pipe() was given threw"),
      });
    },
  );

  test("reads an answer by its schema once, and each answer for itself", async () => {
    await using t = await startTestOrchestra({ sandbox: { fixtures: [says('{"vowels":2}')] } });
    let reads = 0;
    const output = z.object({ vowels: z.int() }).transform(({ vowels }) => {
      reads += 1;
      return { vowels };
    });
    const input = z.object({ word: z.string() });
    const agent = t.orchestra.agent({ name: "reader", system: "s", input, output });
    const [one, other] = await agent.batch([{ word: "hello" }, { word: "hello" }]);
    expect([one, other]).toEqual([{ vowels: 2 }, { vowels: 2 }]);
    expect(one).not.toBe(other);
    expect(reads).toBe(2);
  });

  test("is a typed runnable: input to prompt to answer to output", async () => {
    await using t = await startTestOrchestra({ sandbox: { fixtures: [says('{"vowels":2}')] } });
    const output = await t.orchestra.agent(counter).invoke({ word: "hello" });
    expectTypeOf(output).toEqualTypeOf<{ word: string; vowels: number }>();
    expect(output).toEqual({ word: "hello", vowels: 2 });

    const { body } = t.sandbox.books.entries[0] ?? {};
    expect(body).toMatchObject({
      max_tokens: 77,
      messages: [
        { role: "system", content: "You count vowels." },
        { role: "user", content: "# Word\n\nhello" },
      ],
      response_format: { type: "json_schema", json_schema: { strict: true } },
    });
  });

  test("takes its model from AGENT_MODEL_MAP, over the role's own", async () => {
    await using t = await startTestOrchestra({
      environment: { AGENT_MODEL_MAP: '{"counter":"openai/gpt-4o-mini"}' },
      sandbox: { fixtures: [says('{"vowels":2}')] },
    });
    await t.orchestra.agent({ ...counter, model: "openai/o3" }).invoke({ word: "hello" });
    expect(t.record().model).toBe("openai/gpt-4o-mini");
  });

  test("makes its calls with the role's priority: later steps of a run go first", async () => {
    const rateLimiter = createRateLimiter({ clock: systemClock });
    const priorities: unknown[] = [];
    const acquire = rateLimiter.acquire.bind(rateLimiter);
    rateLimiter.acquire = (options) => {
      priorities.push(options?.priority);
      return acquire(options);
    };
    const environment = { LLM_REQUESTS_PER_MINUTE: "1000" };
    await using t = await startTestOrchestra({ rateLimiter, environment });
    const { orchestra } = t;
    const executor = orchestra.executor();
    await orchestra.researcher().pipe(orchestra.validator()).pipe(executor).invoke(task);
    expect(priorities).toEqual([0, 1, 2]);
  });

  test("has its own time limits, which override those of the settings", async () => {
    await using t = await startTestOrchestra({ environment: { LLM_MAX_RETRIES: "0" } });
    t.sandbox.order({ fault: "hang" });
    const hasty = t.orchestra.agent({ ...counter, timeouts: { firstTokenMs: 50 } });
    await expect(hasty.invoke({ word: "hello" })).rejects.toThrow(
      /no token within 0.05 s[^]*Raise timeouts.firstTokenMs if the model is only slow/,
    );
  });

  test("waits for a prompt that is a promise", async () => {
    await using t = await startTestOrchestra();
    const agent = t.orchestra.agent({
      name: "late",
      system: "s",
      prompt: async () => "The prompt",
    });
    await agent.invoke("hi");
    expect(JSON.stringify(t.sandbox.books.entries[0]?.body["messages"])).toContain("The prompt");
  });

  test.each([
    [undefined, "missing"],
    [5, "5"],
    [Promise.resolve({}), "an object"],
  ])("refuses the prompt %s before anything is paid", async (prompt, shown) => {
    await using t = await startTestOrchestra();
    const agent = t.orchestra.agent({ name: "odd", system: "s", prompt: () => prompt as never });
    const message = `The role "odd": what its prompt returned is ${shown}: expected a text`;
    await expect(agent.invoke("hi")).rejects.toThrow(message);
    const read = async () => Array.fromAsync(await agent.stream("hi"));
    await expect(read()).rejects.toThrow(message);
    expect(t.sandbox.books.entries).toHaveLength(0);
  });

  test.each([null, undefined, "no"])("names the role whose code throws %s", async (thrown) => {
    await using t = await startTestOrchestra();
    const finish = () => {
      throw thrown;
    };
    const agent = t.orchestra.agent({ name: "odd", system: "s", finish });
    await expect(agent.invoke("hi")).rejects.toThrow('The role "odd" threw ');
  });

  test("refuses input off its schema before anything is paid", async () => {
    await using t = await startTestOrchestra();
    const error: unknown = await t.orchestra
      .agent(counter)
      .invoke({ word: "" })
      .catch((thrown: unknown) => thrown);
    expect(ArgumentError.isInstance(error)).toBe(true);
    expect((error as Error).message).toContain("word");
    expect(t.sandbox.books.entries).toHaveLength(0);
  });

  test.each([
    ["not JSON", "two", "not JSON"],
    ["off the schema", '{"vowels":"two"}', "vowels"],
    ["off the role's own check", '{"vowels":9}', "no more vowels than letters"],
  ])("sends the error to the model, once: %s", async (_, first, problem) => {
    await using t = await startTestOrchestra({
      sandbox: {
        fixtures: [
          { match: { userMessage: "does not fit" }, response: { content: '{"vowels":2}' } },
          says(first),
        ],
      },
    });
    await expect(t.orchestra.agent(counter).invoke({ word: "hello" })).resolves.toMatchObject({
      vowels: 2,
    });
    const [, repair] = t.sandbox.books.entries;
    expect(JSON.stringify(repair?.body["messages"])).toContain(problem);
    expect(t.record().attempts).toMatchObject([
      { error: { kind: "invalid_response_error" } },
      { repair: true },
    ]);
    expect(t.record().costUsd).toBeCloseTo(t.sandbox.books.totals().costUsd, 12);
  });

  test("counts a second wrong answer as invalid_response_error", async () => {
    await using t = await startTestOrchestra({
      sandbox: {
        fixtures: [
          says("two"),
          { match: { userMessage: "does not fit" }, response: { content: "2" } },
        ],
      },
    });
    const error: unknown = await t.orchestra
      .agent(counter)
      .invoke({ word: "hello" })
      .catch((e: unknown) => e);
    expect(CallFailedError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ code: "invalid_response_error" });
    expect(t.sandbox.books.entries).toHaveLength(2);
  });

  test("with tools, calls them until it answers; tool calls are events", async () => {
    await using t = await startTestOrchestra();
    const queries: string[] = [];
    const search = tool(
      ({ query }) => {
        queries.push(query);
        return JSON.stringify({
          passages: [
            { path: "vell.md", line: 3, text: "The lighthouse of Vell was built in 1871." },
          ],
        });
      },
      {
        name: "search",
        description: "Searches the archive",
        schema: z.object({ query: z.string() }),
      },
    );
    const findings = await t.orchestra
      .researcher({ tools: [search] })
      .invoke({ task: "When was the lighthouse of Vell built?" });
    expectTypeOf(findings).toEqualTypeOf<Findings>();
    expect(queries).toHaveLength(1);
    expect(findings.claims).toMatchObject([
      {
        number: 1,
        evidence: { path: "vell.md", line: 3, quote: "The lighthouse of Vell was built in 1871." },
      },
    ]);
    expect(t.events).toContainEqual(expect.objectContaining({ type: "tool-call", tool: "search" }));
    expect(t.records).toHaveLength(2);
  });

  test("ends a model that never stops calling tools", async () => {
    await using t = await startTestOrchestra({
      sandbox: {
        fixtures: [
          {
            match: { userMessage: /./ },
            response: { toolCalls: [{ name: "search", arguments: '{"query":"x"}' }] },
          },
        ],
      },
    });
    const search = tool(() => "nothing", {
      name: "search",
      description: "Searches",
      schema: z.object({ query: z.string() }),
    });
    const agent = t.orchestra.agent({ ...counter, tools: [search], maxToolRounds: 2 });
    await expect(agent.invoke({ word: "hello" })).rejects.toThrow("maxToolRounds");
  });
});

describe("a chain of agents", () => {
  test("type-checks, runs, and is one run in the ledger", async () => {
    await using t = await startTestOrchestra();
    const search = tool(
      () =>
        JSON.stringify([
          { path: "vell.md", line: 1, text: "The lighthouse of Vell was built in 1871." },
        ]),
      {
        name: "search",
        description: "Searches the archive",
        schema: z.object({ query: z.string() }),
      },
    );
    const { orchestra } = t;
    const chain = orchestra
      .researcher({ tools: [search] })
      .pipe(orchestra.validator())
      .pipe(orchestra.executor());
    expectTypeOf(chain.invoke).parameter(0).toEqualTypeOf<ResearchTask>();
    const deliverable = await chain.invoke({ task: "When was the lighthouse of Vell built?" });
    expectTypeOf(deliverable).toEqualTypeOf<Deliverable>();

    expect(deliverable.text).toContain("1871");
    expect(deliverable.citations).toMatchObject([{ number: 1, path: "vell.md" }]);
    const runs = [...new Set(t.records.map(({ runId }) => runId))];
    expect(runs).toHaveLength(1);
    expect(new Set(t.records.map(({ traceId }) => traceId)).size).toBe(1);
    expect(orchestra.ledger.run(runs[0] ?? "")).toMatchObject({ calls: 4, failedCalls: 0 });
    expect([...orchestra.ledger.by("role").keys()]).toEqual([
      "researcher",
      "validator",
      "executor",
    ]);

    await chain.invoke({ task: "When was the lighthouse of Vell built?" });
    expect(new Set(t.records.map(({ runId }) => runId)).size).toBe(2);
  });

  test("ends with the reasons where the validator does not approve", async () => {
    await using t = await startTestOrchestra();
    const chain = t.orchestra.validator().pipe(t.orchestra.executor());
    const nothing = { task: "Who?", claims: [], openQuestions: ["Nobody is named."] };
    const error: unknown = await chain.invoke(nothing).catch((thrown: unknown) => thrown);
    expect(FindingsRejectedError.isInstance(error)).toBe(true);
    expect((error as Error).message).toContain("Nobody is named.");
  });
});

describe("the validator's code", () => {
  const claim = (quote: string) => ({
    number: 1,
    statement: "It was built in 1871.",
    evidence: { path: "vell.md", line: 9, quote },
  });
  const sources = {
    locate: ({ quote }: { quote: string }) =>
      quote.includes("1871") ? { path: "vell.md", line: 3 } : undefined,
  };
  const approves = {
    match: { systemMessage: "You are a validator" },
    response: { content: '{"verdict":"approve","issues":[],"confidence":1}' },
  };

  test("corrects the line of a quotation that is in its source", async () => {
    await using t = await startTestOrchestra({ sandbox: { fixtures: [approves] } });
    const review = await t.orchestra
      .validator({ sources })
      .invoke({ task: "When?", claims: [claim("built in 1871")], openQuestions: [] });
    expect(review).toMatchObject({ verdict: "approve", claims: [{ evidence: { line: 3 } }] });
  });

  test("does not let the model approve a quotation that is not in its source", async () => {
    await using t = await startTestOrchestra({ sandbox: { fixtures: [approves] } });
    const review = await t.orchestra
      .validator({ sources })
      .invoke({ task: "When?", claims: [claim("built in 1872")], openQuestions: [] });
    expect(review).toMatchObject({ verdict: "revise", issues: [{ claim: 1 }] });
    expect(review.issues[0]?.problem).toContain("built in 1872");
  });
});

test("a role's name must be one that AGENT_MODEL_MAP can hold", () => {
  expect(() => defineRole({ ...counter, name: "two words", output: counter.answer })).toThrow(
    "two words",
  );
});
