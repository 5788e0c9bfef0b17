import { HumanMessage, type AIMessageChunk } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { END, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import type { ChatOpenAI } from "@langchain/openai";
import { createAgent, providerStrategy, toolStrategy } from "langchain";
import { z } from "zod";
import { completion, toolCompletion, type Json } from "../__fixtures__/openai-completion.ts";
import type { Answer } from "../__fixtures__/openai-server.ts";
import { describeParity } from "../__fixtures__/parity.ts";

const weather = tool(({ city }) => `Sunny in ${city}`, {
  name: "get_weather",
  description: "Tells the weather",
  schema: z.object({ city: z.string() }),
});
const trip = z.object({ city: z.string() }).meta({ title: "trip", description: "A trip" });
const messages = [new HumanMessage("Hi")];

/** Calls the tool first, then answers with text. */
function toolThenText(_body: Json, place: number): Answer {
  return place === 0
    ? { ...toolCompletion("get_weather", '{"city":"Paris"}'), id: "chatcmpl-first" }
    : completion({ content: "It is sunny" });
}

/** Answers with a trip, in a call of the first tool if the request has one. */
function paris({ tools }: Json): Answer {
  const [first] = (tools ?? []) as readonly { readonly function: { readonly name: string } }[];
  const json = '{"city":"Paris"}';
  return first ? toolCompletion(first.function.name, json) : completion({ content: json });
}

/** Content and tool calls of the messages: their ids differ from run to run. */
function parts(state: { readonly messages: readonly object[] }) {
  return (state.messages as readonly AIMessageChunk[]).map(({ type, content, tool_calls }) => ({
    type,
    content,
    tool_calls,
  }));
}

function graphOf(model: ChatOpenAI) {
  return new StateGraph(MessagesAnnotation)
    .addNode("model", async (state) => ({ messages: [await model.invoke(state.messages)] }))
    .addEdge(START, "model")
    .addEdge("model", END)
    .compile();
}

describeParity("agents", [
  {
    name: "createAgent calls a tool",
    answer: toolThenText,
    run: async (model) =>
      parts(await createAgent({ model, tools: [weather] }).invoke({ messages })),
    requests: 2,
    body: { tools: [{ function: { name: "get_weather" } }] },
    sees: [
      { type: "human" },
      { type: "ai", tool_calls: [{ name: "get_weather" }] },
      { type: "tool", content: "Sunny in Paris" },
      { type: "ai", content: "It is sunny" },
    ],
  },
  {
    name: "createAgent with a system prompt",
    run: async (model) =>
      parts(await createAgent({ model, systemPrompt: "Be brief" }).invoke({ messages })),
    body: { messages: [{ role: "system" }, { role: "user" }] },
  },
  {
    name: "createAgent with a bound model",
    run: async (model) => {
      const bound = model.withConfig({ seed: 5 }) as ChatOpenAI;
      return parts(await createAgent({ model: bound, tools: [weather] }).invoke({ messages }));
    },
    body: { seed: 5, tools: [{ function: { name: "get_weather" } }] },
  },
  ...[
    { name: "a schema", responseFormat: trip },
    { name: "providerStrategy", responseFormat: providerStrategy(trip) },
  ].map(({ name, responseFormat }) => ({
    name: `createAgent with ${name}`,
    fields: { model: "gpt-4o" },
    answer: paris,
    run: async (model: ChatOpenAI) =>
      (
        await createAgent({ model, responseFormat: responseFormat as typeof trip }).invoke({
          messages,
        })
      ).structuredResponse,
    sees: { city: "Paris" },
  })),
  {
    name: "createAgent with toolStrategy",
    answer: paris,
    run: async (model) =>
      (await createAgent({ model, responseFormat: toolStrategy(trip) }).invoke({ messages }))
        .structuredResponse,
    sees: { city: "Paris" },
  },
  {
    name: "a graph streams the tokens of its model",
    run: async (model) => {
      const texts: unknown[] = [];
      const stream = await graphOf(model).stream({ messages }, { streamMode: "messages" });
      for await (const [chunk] of stream) if (chunk.content !== "") texts.push(chunk.content);
      return texts;
    },
    sees: ["Hello ", "there,", " world"],
  },
  {
    name: "a graph keeps the message of its model",
    run: async (model) => (await graphOf(model).invoke({ messages })).messages.at(-1),
    sees: { content: "Hello there, world", usage_metadata: { total_tokens: 17 } },
  },
]);
