import { MemorySaver } from "@langchain/langgraph";
import {
  ArgumentError,
  defineRole,
  Orchestra,
  OrchestraError,
  SettingsError,
} from "@orchestra/core";
import { researchValidateExecute } from "@orchestra/core/pipelines";
import { startSandbox } from "@orchestra/sandbox";
import { describe, expect, test } from "vitest";
import { z } from "zod";

/** An orchestra on a sandbox, and what is called with bad input. */
async function start() {
  const sandbox = await startSandbox();
  const orchestra = new Orchestra({
    environment: {
      OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
      OPENROUTER_BASE_URL: sandbox.url,
      LOG_LEVEL: "silent",
    },
  });
  const steps = {
    researcher: orchestra.researcher(),
    validator: orchestra.validator(),
    executor: orchestra.executor(),
  };
  return {
    sandbox,
    orchestra,
    poet: orchestra.agent({ name: "poet", system: "You write haiku." }),
    shortener: orchestra.agent(
      defineRole({ name: "shortener", system: "Shorten.", input: z.object({ text: z.string() }) }),
    ),
    pipeline: researchValidateExecute({ ...steps, checkpointer: new MemorySaver() }),
    withoutThreads: researchValidateExecute(steps),
    thread: { configurable: { thread_id: "new" } },
    [Symbol.asyncDispose]: () => sandbox.close(),
  };
}

type Scene = Awaited<ReturnType<typeof start>>;
const none = undefined as never;
const nothing = null as never;

const calls: Readonly<Record<string, (t: Scene) => Promise<unknown>>> = {
  'chat("")': (t) => t.orchestra.chat(""),
  "chat() of white space": (t) => t.orchestra.chat(" \n\t"),
  "chat([])": (t) => t.orchestra.chat([]),
  "chat(null)": (t) => t.orchestra.chat(nothing),
  "chat(undefined)": (t) => t.orchestra.chat(none),
  "chat(5)": (t) => t.orchestra.chat(5 as never),
  "chat() of a message without content": (t) => t.orchestra.chat([["human", ""]]),
  'model.invoke("")': (t) => t.orchestra.model.invoke(""),
  'model.stream("")': (t) => drain(t.orchestra.model.stream("")),
  "model.stream(undefined)": (t) => drain(t.orchestra.model.stream(none)),
  'agent.invoke("")': (t) => t.poet.invoke(""),
  "agent.invoke() of white space": (t) => t.poet.invoke("  "),
  "agent.invoke(null)": (t) => t.poet.invoke(nothing),
  "agent.stream(undefined)": (t) => drain(t.poet.stream(none)),
  "agent.invoke({}) of an object": (t) => t.shortener.invoke({} as never),
  "agent.stream(null) of an object": (t) => drain(t.shortener.stream(nothing)),
  "researcher.invoke() of an empty task": (t) => t.orchestra.researcher().invoke({ task: "" }),
  "pipeline.invoke(null) on a new thread": (t) => t.pipeline.invoke(nothing, t.thread),
  "pipeline.stream(null) on a new thread": (t) => drain(t.pipeline.stream(nothing, t.thread)),
  "pipeline.stream(undefined)": (t) => drain(t.pipeline.stream(none, t.thread)),
  "pipeline.invoke({})": (t) => t.pipeline.invoke({} as never, t.thread),
  "pipeline.invoke(null) without a checkpointer": (t) => t.withoutThreads.invoke(nothing),
  "completions.create({})": (t) => t.orchestra.completions.create({} as never),
  "completions.create() of a blank message": (t) =>
    t.orchestra.completions.create({ messages: [{ role: "user", content: "" }] }),
};

async function drain(stream: Promise<AsyncIterable<unknown>>): Promise<void> {
  for await (const _ of await stream);
}

async function failureOf(work: () => unknown): Promise<Error> {
  try {
    await work();
  } catch (error) {
    return error as Error;
  }
  throw new Error("Nothing was refused");
}

/** The place of the first frame. */
function firstFrame({ stack = "" }: Error): string | undefined {
  return stack.split("\n").find((line) => line.startsWith("    at "));
}

describe("invalid input is refused before a request is sent, with one class:", () => {
  test.each(Object.entries(calls))("%s", async (_, call) => {
    await using t = await start();
    const error = await failureOf(() => call(t));
    expect(error).toBeInstanceOf(ArgumentError);
    expect(error).toBeInstanceOf(OrchestraError);
    expect(error).toBeInstanceOf(TypeError);
    expect(ArgumentError.isInstance(error)).toBe(true);
    expect(error.message).toMatch(/input|request/);
    expect(error.stack).toMatch(/^ArgumentError: /);
    expect(firstFrame(error)).toContain("bad-input.test.ts");
    expect(t.sandbox.books.entries).toEqual([]);
  });
});

describe("the stack trace of an invalid argument begins in the user's code:", () => {
  test.each([
    ["an unknown option", () => new Orchestra({ setings: {} } as never), ArgumentError],
    ["a bad setting", () => new Orchestra({ settings: { maxRetries: -1 } }), SettingsError],
    [
      "a bad variable",
      () => new Orchestra({ environment: { LLM_MAX_RETRIES: "x" } }),
      SettingsError,
    ],
    ["a bad role", () => defineRole({ name: "", system: "x" }), ArgumentError],
    ["a bad pipeline", () => researchValidateExecute({} as never), ArgumentError],
  ])("%s", async (_, work, type) => {
    const error = await failureOf(work);
    expect(error).toBeInstanceOf(type);
    expect(firstFrame(error)).toContain("bad-input.test.ts");
  });
});

test("a conversation that ends with a tool's empty answer is sent", async () => {
  await using t = await start();
  const call = {
    id: "call_1",
    type: "function",
    function: { name: "look", arguments: "{}" },
  } as const;
  await t.orchestra.completions.create({
    messages: [
      { role: "user", content: "Look." },
      { role: "assistant", content: null, tool_calls: [call] },
      { role: "tool", tool_call_id: "call_1", content: "" },
    ],
  });
  expect(t.sandbox.books.entries).toHaveLength(1);
});

test("null as input continues a thread that has a run", async () => {
  await using t = await start();
  await t.pipeline.invoke({ task: "When was the lighthouse of Vell built?" }, t.thread);
  const sent = t.sandbox.books.entries.length;
  expect(await t.pipeline.invoke(nothing, t.thread)).toMatchObject({ status: expect.any(String) });
  expect(t.sandbox.books.entries).toHaveLength(sent);
});
