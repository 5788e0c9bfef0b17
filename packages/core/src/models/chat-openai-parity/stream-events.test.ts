import { awaitAllCallbacks } from "@langchain/core/callbacks/promises";
import type { ChatModelStream } from "@langchain/core/language_models/stream";
import type { AIMessageChunk } from "@langchain/core/messages";
import type { ChatOpenAI } from "@langchain/openai";
import { expect } from "vitest";
import { completion, toolCompletion } from "../__fixtures__/openai-completion.ts";
import { describeParity } from "../__fixtures__/parity.ts";
import { recordCallbacks } from "../__fixtures__/record-callbacks.ts";
import { textOf } from "../__fixtures__/text-of.ts";
import { city, wireCall } from "../__fixtures__/tools.ts";

const events = (model: ChatOpenAI, version: "v1" | "v2") =>
  Array.fromAsync(model.streamEvents("Hi", { version }));

/** The protocol of streamEvents v3, which is the default of LangChain's chat models. */
const protocol = (model: ChatOpenAI): ChatModelStream => model.streamEvents("Hi");

describeParity("callbacks of streams", [
  {
    name: "a callback for each token, with its chunk and its place",
    run: async (model) => {
      const { handler, of } = recordCallbacks();
      await textOf(await model.stream("Hi", { callbacks: [handler] }));
      await awaitAllCallbacks();
      return of("token").filter(({ token }) => token !== "");
    },
    sees: ["Hello ", "there,", " world"].map((token) => ({
      token,
      indices: { prompt: 0, completion: 0 },
      hasChunk: true,
    })),
  },
  {
    name: "the end of a stream has its message and its tokens",
    run: async (model) => {
      const { handler, of } = recordCallbacks();
      await textOf(await model.stream("Hi", { callbacks: [handler] }));
      await awaitAllCallbacks();
      return of("end").map(({ output }) => output);
    },
    sees: [
      {
        generations: [[{ text: "Hello there, world", message: { content: "Hello there, world" } }]],
        llmOutput: { tokenUsage: { promptTokens: 12, completionTokens: 5, totalTokens: 17 } },
      },
    ],
  },
  {
    name: "invoke streams for a handler that prefers it",
    run: async (model) => {
      const { handler, of } = recordCallbacks();
      const streaming = Object.assign(handler, { lc_prefer_streaming: true });
      const answer = await model.invoke("Hi", { callbacks: [streaming] });
      await awaitAllCallbacks();
      const tokens = of("token").map(({ token }) => token);
      return { answer, text: tokens.join(""), several: tokens.length > 2 };
    },
    sees: {
      answer: { content: "Hello there, world" },
      text: "Hello there, world",
      several: true,
    },
  },
  {
    name: "a failed stream calls handleLLMError",
    answer: { status: 400, error: { message: "Bad value" } },
    run: async (model) => {
      const { handler, events } = recordCallbacks();
      await model.stream("Hi", { callbacks: [handler] }).catch(() => {});
      await awaitAllCallbacks();
      return events.map(({ event }) => event);
    },
    sees: ["start", "error"],
  },
  {
    name: "signal ends a stream",
    run: async (model) => {
      const controller = new AbortController();
      const texts: string[] = [];
      const read = async () => {
        for await (const { text } of await model.stream("Hi", { signal: controller.signal })) {
          texts.push(text);
          controller.abort();
        }
      };
      const name = await read().catch((error: unknown) => (error as Error).name);
      return { name, texts };
    },
    sees: { name: "AbortError", texts: [""] },
  },
  {
    name: "a reader may leave a stream",
    run: async (model) => {
      for await (const { text } of await model.stream("Hi")) if (text !== "") return text;
      return undefined;
    },
    sees: "Hello ",
  },
]);

describeParity("events of streams", [
  ...(["v1", "v2"] as const).map((version) => ({
    name: `streamEvents ${version}`,
    run: async (model: ChatOpenAI) =>
      (await events(model, version)).map(({ event, data }) => [
        event,
        (data.chunk as AIMessageChunk | undefined)?.content,
      ]),
  })),
  {
    name: "streamEvents v2 ends with the message",
    run: async (model) => (await events(model, "v2")).at(-1)?.data.output,
    sees: { content: "Hello there, world", usage_metadata: { total_tokens: 17 } },
  },
  {
    name: "streamEvents v3",
    answer: completion({ content: "Wait", tool_calls: [wireCall] }, "tool_calls"),
    run: async (model) =>
      (await Array.fromAsync(protocol(model))).map((event) => ({ ...event, provider: undefined })),
    sees: expect.arrayContaining(
      [
        { event: "message-start", id: "chatcmpl-parity" },
        { event: "content-block-delta", index: 0, delta: { type: "text-delta", text: "Wait" } },
        {
          event: "content-block-delta",
          index: 1,
          delta: { type: "tool-call-delta", args: '{"city' },
        },
      ].map((event) => expect.objectContaining(event)),
    ),
  },
  {
    name: "streamEvents v3: text, tokens and message",
    run: async (model) => {
      const stream = protocol(model);
      const [text, usage, message] = await Promise.all([stream.text, stream.usage, stream]);
      return { text, usage, message };
    },
    sees: {
      text: "Hello there, world",
      usage: { total_tokens: 17 },
      message: { content: [{ type: "text", text: "Hello there, world" }] },
    },
  },
  {
    name: "streamEvents v3: tool calls",
    answer: toolCompletion("get_weather", city),
    run: async (model) => protocol(model).toolCalls,
    sees: [{ name: "get_weather", args: { city: "Paris" }, id: "call_1" }],
  },
  {
    name: "streamEvents v3: failures",
    answer: { status: 401, error: { message: "Wrong key" } },
    run: async (model) => Array.fromAsync(protocol(model)),
    rejects: true,
    sees: { status: 401, lc_error_code: "MODEL_AUTHENTICATION" },
  },
]);
