import { type AIMessage, HumanMessage, type AIMessageChunk } from "@langchain/core/messages";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { RunnableLambda } from "@langchain/core/runnables";
import { tool } from "@langchain/core/tools";
import { concat } from "@langchain/core/utils/stream";
import { END, START, StateGraph } from "@langchain/langgraph";
import { createSupervisor } from "@langchain/langgraph-supervisor";
import { Orchestra, type CallRecord } from "@orchestra/core";
import { startSandbox, type SandboxOptions } from "@orchestra/sandbox";
import { createAgent, createMiddleware } from "langchain";
import { describe, expect, test } from "vitest";
import { z } from "zod";

const key = "sk-or-v1-chat-model-0123456789";

async function start(sandboxOptions: SandboxOptions = {}) {
  const sandbox = await startSandbox(sandboxOptions);
  const records: CallRecord[] = [];
  const orchestra = new Orchestra({
    onCall: (record) => records.push(record),
    environment: {
      OPENROUTER_API_KEY: key,
      OPENROUTER_BASE_URL: sandbox.url,
      LLM_RETRY_DELAY: "0.002",
      LLM_REQUESTS_PER_MINUTE: "none",
      LLM_REQUESTS_PER_DAY: "none",
      LOG_LEVEL: "silent",
    },
  });
  return {
    sandbox,
    orchestra,
    model: orchestra.model,
    records,
    [Symbol.asyncDispose]: sandbox.close,
  };
}

const says = (content: string) => ({
  fixtures: [{ match: { userMessage: /./ }, response: { content } }],
});

const weather = tool(({ city }: { city: string }) => `It rains in ${city}.`, {
  name: "weather",
  description: "The weather in a city",
  schema: z.object({ city: z.string() }),
});

/** Calls the tool first, then repeats its result. */
const callsWeather = {
  fixtures: [
    {
      match: { userMessage: /./, hasToolResult: true },
      response: { content: "It rains in Vell." },
    },
    {
      match: { userMessage: /./ },
      response: { toolCalls: [{ name: "weather", arguments: '{"city":"Vell"}' }] },
    },
  ],
};

describe("messages", () => {
  test("accepts a string, messages, tuples and a prompt", async () => {
    await using t = await start(says("pong"));
    const prompt = ChatPromptTemplate.fromMessages([["human", "{word}"]]);
    const answers = await Promise.all([
      t.model.invoke("ping"),
      t.model.invoke([new HumanMessage("ping")]),
      t.model.invoke([["human", "ping"]]),
      prompt.pipe(t.model).invoke({ word: "ping" }),
    ]);
    expect(answers.map(({ text }) => text)).toEqual(["pong", "pong", "pong", "pong"]);
  });

  test("batch() keeps the order; with returnExceptions, it returns errors in their places", async () => {
    await using t = await start(says("pong"));
    t.sandbox.order({ fault: "status", status: 401, after: 1, times: 1 });
    const inputs = ["one", "two", "three"];
    const results = await t.model.batch(inputs, { maxConcurrency: 1 }, { returnExceptions: true });
    expect(results.map((result) => (result instanceof Error ? "error" : result.text))).toEqual([
      "pong",
      "error",
      "pong",
    ]);
  });

  test("has the usage metadata of the server, for whole and streamed answers", async () => {
    await using t = await start(says("pong"));
    const whole = await t.model.invoke("ping");
    let streamed: AIMessageChunk | undefined;
    for await (const chunk of await t.model.stream("ping")) {
      streamed = streamed ? concat(streamed, chunk) : chunk;
    }
    const { promptTokens, completionTokens } = t.sandbox.books.entries[0] ?? {};
    const usage = { input_tokens: promptTokens, output_tokens: completionTokens };
    expect(whole.usage_metadata).toMatchObject(usage);
    expect(streamed?.usage_metadata).toMatchObject(usage);
  });
});

describe("tools", () => {
  test("bindTools() and withConfig() are sent; streamed tool calls are joined", async () => {
    await using t = await start(callsWeather);
    const bound = t.model.bindTools([weather]);
    const whole = await bound.invoke("What is the weather in Vell?");
    expect(whole.tool_calls).toMatchObject([{ name: "weather", args: { city: "Vell" } }]);

    let streamed: AIMessageChunk | undefined;
    for await (const chunk of await bound.stream("What is the weather in Vell?")) {
      streamed = streamed ? concat(streamed, chunk) : chunk;
    }
    expect(streamed?.tool_calls).toMatchObject([{ name: "weather", args: { city: "Vell" } }]);
    expect(t.sandbox.books.entries[0]?.body["tools"]).toMatchObject([
      { type: "function", function: { name: "weather" } },
    ]);
    await t.model.withConfig({ stop: ["."] }).invoke("ping");
    expect(t.sandbox.books.entries.at(-1)?.body["stop"]).toEqual(["."]);
  });

  test("tool arguments that do not parse are reported to the model, which may correct them", async () => {
    await using t = await start({
      fixtures: [
        {
          match: { userMessage: /./ },
          response: { toolCalls: [{ name: "weather", arguments: '{"city":' }] },
        },
      ],
    });
    const { tool_calls: calls = [] } = await t.model.bindTools([weather]).invoke("weather?");
    expect(calls).toMatchObject([{ name: "weather", args: ['{"city":'] }]);
    // The tool refuses them, and the model reads why.
    await expect(weather.invoke(calls[0] as never)).rejects.toThrow("did not match");
  });
});

describe("inside createAgent", () => {
  test("works with tools and middleware, and a 503 in the middle is retried", async () => {
    await using t = await start(callsWeather);
    t.sandbox.order({ fault: "status", status: 503, after: 1, times: 1 });
    const seen: string[] = [];
    const watching = createMiddleware({
      name: "watching",
      wrapModelCall: async (request, handler) => {
        seen.push("model");
        return handler(request);
      },
    });
    const agent = createAgent({ model: t.model, tools: [weather], middleware: [watching] });
    const { messages } = await agent.invoke({ messages: [new HumanMessage("weather?")] });
    expect(messages.at(-1)?.text).toBe("It rains in Vell.");
    expect(seen).toHaveLength(2);
    expect(t.records.map(({ attempts }) => attempts.length)).toEqual([1, 2]);
  });

  test("gives structured output", async () => {
    await using t = await start(says('{"city":"Vell"}'));
    const agent = createAgent({
      model: t.model,
      tools: [],
      responseFormat: z.object({ city: z.string() }),
    });
    const { structuredResponse } = await agent.invoke({
      messages: [new HumanMessage("Which city?")],
    });
    expect(structuredResponse).toEqual({ city: "Vell" });
  });
});

describe("inside LangGraph", () => {
  test("withStructuredOutput in a node, raw and parsed", async () => {
    await using t = await start(says('{"city":"Vell"}'));
    const schema = z.object({ city: z.string() });
    const state = z.object({ city: z.string().default(""), raw: z.string().default("") });
    const graph = new StateGraph(state)
      .addNode("ask", async (_, config) => {
        const model = t.model.withStructuredOutput(schema, { includeRaw: true });
        const { raw, parsed } = await model.invoke("Which city?", config);
        return { city: parsed.city, raw: raw.text };
      })
      .addEdge(START, "ask")
      .addEdge("ask", END)
      .compile();
    expect(await graph.invoke({})).toEqual({ city: "Vell", raw: '{"city":"Vell"}' });
  });

  test("tokens are streamed with streamMode messages", async () => {
    await using t = await start({
      ...says("It rains in Vell, as it always does."),
      latency: { chunkCharacters: 6 },
    });
    const graph = new StateGraph(z.object({ text: z.string().default("") }))
      .addNode("ask", async (_, config) => ({
        text: (await t.model.invoke("Weather?", config)).text,
      }))
      .addEdge(START, "ask")
      .addEdge("ask", END)
      .compile();
    let text = "";
    for await (const [message] of await graph.stream({}, { streamMode: "messages" })) {
      text += (message as AIMessage).text;
    }
    expect(text).toBe("It rains in Vell, as it always does.");
  });

  test("a supervisor hands over to an agent, and both run on role models", async () => {
    await using t = await start({
      fixtures: [
        {
          match: { systemMessage: "You supervise", hasToolResult: true },
          response: { content: "Done: it rains in Vell." },
        },
        {
          match: { systemMessage: "You supervise" },
          response: { toolCalls: [{ name: "transfer_to_forecaster", arguments: "{}" }] },
        },
        { match: { systemMessage: "You forecast" }, response: { content: "It rains in Vell." } },
      ],
    });
    const forecaster = createAgent({
      model: t.orchestra.modelFor("forecaster"),
      tools: [weather],
      systemPrompt: "You forecast.",
      name: "forecaster",
    });
    const supervisor = createSupervisor({
      agents: [forecaster.graph as never],
      llm: t.orchestra.modelFor("supervisor"),
      prompt: "You supervise.",
    }).compile();
    const { messages } = await supervisor.invoke({
      messages: [new HumanMessage("Weather in Vell?")],
    });
    expect(messages.at(-1)?.text).toContain("it rains in Vell");
    expect(new Set(t.records.map(({ role }) => role))).toEqual(
      new Set(["supervisor", "forecaster"]),
    );
  });
});

describe("as a runnable", () => {
  test("streamEvents() has one model run, with its start, its tokens and its end", async () => {
    await using t = await start({ ...says("It rains in Vell."), latency: { chunkCharacters: 6 } });
    const chain = RunnableLambda.from((word: string) => word).pipe(t.model);
    const events: string[] = [];
    let text = "";
    for await (const event of chain.streamEvents("ping", { version: "v2" })) {
      if (event.event.startsWith("on_chat_model")) events.push(event.event);
      if (event.event === "on_chat_model_stream") text += (event.data.chunk as AIMessage).text;
    }
    expect(events.filter((name) => name === "on_chat_model_start")).toHaveLength(1);
    expect(events.filter((name) => name === "on_chat_model_end")).toHaveLength(1);
    expect(text).toBe("It rains in Vell.");
  });

  test("passes metadata, tags and the run's name to callbacks", async () => {
    await using t = await start(says("pong"));
    const starts: unknown[][] = [];
    await t.model.invoke("ping", {
      tags: ["a-tag"],
      metadata: { a: 1 },
      runName: "my-call",
      callbacks: [{ handleChatModelStart: (...given: unknown[]) => void starts.push(given) }],
    });
    expect(starts).toHaveLength(1);
    const [, , , , , tags, metadata, name] = starts[0] ?? [];
    expect(tags).toContain("a-tag");
    expect(metadata).toMatchObject({ a: 1, ls_model_name: "openai/gpt-4o" });
    expect(name).toBe("my-call");
  });

  test("never serialises a key", async () => {
    await using t = await start(says("pong"));
    const agent = t.orchestra.researcher();
    const texts = [t.model, t.model.withRetry(), t.model.bindTools([weather]), agent].map(
      (runnable) => JSON.stringify(runnable),
    );
    for (const text of texts) expect(text).not.toContain(key);
  });

  test("a signal in the config ends the call with the signal's reason", async () => {
    await using t = await start();
    t.sandbox.order({ fault: "hang" });
    const caller = new AbortController();
    const reason = new Error("enough");
    const call = t.model.invoke("ping", { signal: caller.signal });
    await expect.poll(() => t.sandbox.books.entries.length).toBe(1);
    caller.abort(reason);
    await expect(call).rejects.toBe(reason);
  });
});
