import { awaitAllCallbacks } from "@langchain/core/callbacks/promises";
import type { ChatModelStream } from "@langchain/core/language_models/stream";
import { HumanMessage, type AIMessageChunk } from "@langchain/core/messages";
import { StringOutputParser } from "@langchain/core/output_parsers";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { RunnableLambda, RunnableMap } from "@langchain/core/runnables";
import { concat } from "@langchain/core/utils/stream";
import type { ChatOpenAI } from "@langchain/openai";
import { expect } from "vitest";
import { completion, toolCompletion, usage } from "../__fixtures__/openai-completion.ts";
import { describeParity, type ParityCase } from "../__fixtures__/parity.ts";
import { recordCallbacks } from "../__fixtures__/record-callbacks.ts";
import { textOf } from "../__fixtures__/text-of.ts";

const city = '{"city":"Paris"}';
const wireCall = {
  id: "call_1",
  type: "function",
  function: { name: "get_weather", arguments: city },
};
const audio = { id: "audio_1", data: "UklGRg==", transcript: "Good morning", expires_at: 1 };

async function* greeting() {
  yield await Promise.resolve([new HumanMessage("Hi")]);
}

async function collect<T>(stream: AsyncIterable<T>): Promise<readonly T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** All chunks of a stream as one message. */
async function whole(model: ChatOpenAI): Promise<AIMessageChunk | undefined> {
  const chunks = await collect(await model.stream("Hi"));
  return chunks.reduce<AIMessageChunk | undefined>(
    (before, chunk) => (before ? concat(before, chunk) : chunk),
    undefined,
  );
}

/** The message that a stream adds up to. */
function streamed(
  name: string,
  answer: ParityCase["answer"],
  sees: unknown,
  more: Partial<ParityCase> = {},
): ParityCase {
  return { name, run: whole, sees, ...(answer === undefined ? {} : { answer }), ...more };
}

const events = (model: ChatOpenAI, version: "v1" | "v2") =>
  collect(model.streamEvents("Hi", { version }));

/** The protocol of streamEvents v3, which is the default of LangChain's chat models. */
const protocol = (model: ChatOpenAI): ChatModelStream => model.streamEvents("Hi");

const prompt = ChatPromptTemplate.fromMessages([
  ["system", "Be brief"],
  ["human", "Greet {name}"],
]);

/** Streams, their events, and the methods of a runnable. */
export function describeStreaming(): void {
  describeParity("messages of streams", [
    {
      name: "text in the pieces that the server sends",
      run: async (model) => {
        const chunks = await collect(await model.stream("Hi"));
        return chunks.map(({ text }) => text).filter((text) => text !== "");
      },
      body: { stream: true, stream_options: { include_usage: true } },
      sees: ["Hello ", "there,", " world"],
    },
    streamed("content", undefined, { content: "Hello there, world" }),
    streamed("usage_metadata with details", undefined, {
      usage_metadata: {
        input_tokens: 12,
        output_tokens: 5,
        total_tokens: 17,
        input_token_details: { cache_read: 4, audio: 1 },
        output_token_details: { reasoning: 2, audio: 3 },
      },
    }),
    streamed("response_metadata", undefined, {
      response_metadata: {
        finish_reason: "stop",
        model_name: "gpt-4o-2024-08-06",
        model_provider: "openai",
        system_fingerprint: "fp_parity",
        service_tier: "default",
        usage,
      },
    }),
    streamed("finish_reason length", completion({}, "length"), {
      response_metadata: { finish_reason: "length" },
    }),
    streamed("a tool call", toolCompletion("get_weather", city), {
      tool_calls: [{ name: "get_weather", args: { city: "Paris" }, id: "call_1" }],
    }),
    streamed(
      "two tool calls beside text",
      completion(
        { content: "Wait", tool_calls: [wireCall, { ...wireCall, id: "call_2" }] },
        "tool_calls",
      ),
      {
        content: "Wait",
        tool_calls: [{ id: "call_1" }, { id: "call_2", args: { city: "Paris" } }],
      },
    ),
    {
      name: "tool_call_chunks",
      answer: toolCompletion("get_weather", city),
      run: async (model) =>
        (await collect(await model.stream("Hi"))).flatMap((chunk) => chunk.tool_call_chunks ?? []),
      sees: [
        { type: "tool_call_chunk", name: "get_weather", args: "", id: "call_1", index: 0 },
        { args: '{"city', index: 0 },
        { args: '":"Par', index: 0 },
        { args: 'is"}', index: 0 },
      ],
    },
    streamed(
      "a function call",
      completion(
        { content: null, function_call: { name: "get_weather", arguments: city } },
        "function_call",
      ),
      { additional_kwargs: { function_call: { name: "get_weather", arguments: city } } },
    ),
    streamed("reasoning_content", completion({ reasoning_content: "Let me think" }), {
      content: "Hello there, world",
      additional_kwargs: { reasoning_content: "Let me think" },
    }),
    streamed("audio", completion({ content: null, audio }), {
      additional_kwargs: { audio: { id: "audio_1", data: "UklGRg==", transcript: "Good morning" } },
    }),
    {
      name: "several choices",
      fields: { n: 2 },
      answer: completion([{ content: "One" }, { content: "Two" }]),
      run: async (model) =>
        (await collect(await model.stream("Hi"))).flatMap(({ content, response_metadata }) =>
          content === "" ? [] : [[response_metadata["completion"], content]],
        ),
      sees: [
        [0, "One"],
        [1, "Two"],
      ],
    },
    {
      name: "the raw chunks",
      fields: { __includeRawResponse: true },
      run: async (model) =>
        (await collect(await model.stream("Hi"))).flatMap(({ additional_kwargs }) => {
          const raw = additional_kwargs["__raw_response"] as { choices?: unknown } | undefined;
          return raw ? [raw.choices] : [];
        }),
      sees: [
        [{ delta: { role: "assistant", content: "" } }],
        [{ delta: { content: "Hello " } }],
        [{ delta: { content: "there," } }],
        [{ delta: { content: " world" } }],
        [{ delta: {}, finish_reason: "stop" }],
      ],
    },
    streamed(
      "content blocks of version 1",
      undefined,
      { content: ["Hello ", "there,", " world"].map((text) => ({ type: "text", text })) },
      { fields: { outputVersion: "v1" } },
    ),
  ]);

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
          generations: [
            [{ text: "Hello there, world", message: { content: "Hello there, world" } }],
          ],
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
        (await collect(protocol(model))).map((event) => ({ ...event, provider: undefined })),
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
      run: async (model) => collect(protocol(model)),
      rejects: true,
      sees: { status: 401, lc_error_code: "MODEL_AUTHENTICATION" },
    },
  ]);

  describeParity("methods of a runnable", [
    {
      name: "batch",
      answer: ({ messages }) =>
        completion({ content: (messages as readonly { content: string }[])[0]?.content }),
      run: async (model) => (await model.batch(["a", "b"])).map(({ content }) => content),
      requests: 2,
      sees: ["a", "b"],
    },
    {
      name: "batch returns failures",
      answer: ({ messages }) =>
        (messages as readonly { content: string }[])[0]?.content === "b"
          ? { status: 400, error: { message: "Bad value" } }
          : completion(),
      run: async (model) => {
        const all = await model.batch(["a", "b"], undefined, { returnExceptions: true });
        return all.map((one) => (one instanceof Error ? "failed" : one.content));
      },
      requests: 2,
      sees: ["Hello there, world", "failed"],
    },
    {
      name: "batch with maxConcurrency",
      run: async (model, { server }) => {
        await model.batch(["a", "b", "c"], { maxConcurrency: 1 });
        return server.maxOpen();
      },
      requests: 3,
      sees: 1,
    },
    {
      name: "pipe",
      run: (model) => prompt.pipe(model).pipe(new StringOutputParser()).invoke({ name: "Ann" }),
      body: {
        messages: [
          { role: "system", content: "Be brief" },
          { role: "user", content: "Greet Ann" },
        ],
      },
      sees: "Hello there, world",
    },
    {
      name: "pipe streams",
      run: async (model) =>
        (
          await collect(
            await prompt.pipe(model).pipe(new StringOutputParser()).stream({ name: "Ann" }),
          )
        ).filter((text) => text !== ""),
      sees: ["Hello ", "there,", " world"],
    },
    {
      name: "transform",
      run: async (model) => {
        return textOf(model.transform(greeting(), {}));
      },
      sees: "Hello there, world",
    },
    {
      name: "inside a map and a lambda",
      run: (model) =>
        RunnableMap.from<string>({
          answer: model,
          echo: RunnableLambda.from((text: string) => text),
        }).invoke("Hi"),
      sees: { answer: { content: "Hello there, world" }, echo: "Hi" },
    },
    {
      name: "withListeners",
      run: async (model) => {
        const statuses: string[] = [];
        const onEnd = () => void statuses.push("end");
        const listening = model.withListeners({
          onStart: () => void statuses.push("start"),
          onEnd,
        });
        await listening.invoke("Hi");
        await awaitAllCallbacks();
        return statuses;
      },
      sees: ["start", "end"],
    },
    {
      name: "withRetry",
      run: (model) => model.withRetry({ stopAfterAttempt: 1 }).invoke("Hi"),
      sees: { content: "Hello there, world" },
    },
    {
      name: "withFallbacks",
      answer: ({ model }) =>
        model === "openai/gpt-4o" ? { status: 500, error: { message: "Down" } } : completion(),
      run: (model, { create }) =>
        model.withFallbacks([create({ model: "openai/gpt-4.1" })]).invoke("Hi"),
      requests: 2,
      sees: { content: "Hello there, world" },
    },
  ]);
}
