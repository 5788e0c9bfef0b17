import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { ChatOpenAI } from "@langchain/openai";
import { Agent, OpenAIProvider, Runner } from "@openai/agents";
import { OpenRouter } from "@openrouter/sdk";
import type { ChatStreamChunk } from "@openrouter/sdk/models";
import { DIALECTS, dialectModel } from "@orchestra/sandbox";
import { generateText, streamText } from "ai";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { question } from "../test-support/client.ts";
import { startTestServer, type TestServer } from "../test-support/start-test-server.ts";

let t: TestServer;

beforeAll(async () => {
  t = await startTestServer();
});
afterAll(() => t[Symbol.asyncDispose]());

const [{ content: input }] = question.messages;
const messages = [{ role: "user" as const, content: input }];

interface Client {
  readonly name: string;
  /** Dialects whose answers it refuses, although they are passed on as they are. */
  readonly without?: readonly string[];
  /** @returns the text of a whole answer */
  readonly ask: (model: string) => Promise<string>;
  /** @returns the text of a streamed answer */
  readonly stream: (model: string) => Promise<string>;
}

const openai = () => new OpenAI({ baseURL: t.url, apiKey: "any", maxRetries: 0 });
const openRouter = () =>
  new OpenRouter({ serverURL: t.url, apiKey: "any", retryConfig: { strategy: "none" } });
const aiSdk = createOpenAICompatible;
const vercel = (model: string) => aiSdk({ name: "orchestra", baseURL: t.url })(model);

async function join(pieces: AsyncIterable<string>): Promise<string> {
  let text = "";
  for await (const piece of pieces) text += piece;
  return text;
}

function langChain(useResponsesApi: boolean): Client {
  const chat = (model: string) =>
    new ChatOpenAI({ model, apiKey: "any", useResponsesApi, configuration: { baseURL: t.url } });
  return {
    name: `ChatOpenAI, ${useResponsesApi ? "responses" : "chat"}`,
    ask: async (model) => (await chat(model).invoke(input)).text,
    stream: async (model) => {
      let text = "";
      for await (const chunk of await chat(model).stream(input)) text += chunk.text;
      return text;
    },
  };
}

function agents(useResponses: boolean): Client {
  const runner = () => {
    const modelProvider = new OpenAIProvider({ openAIClient: openai(), useResponses });
    return new Runner({ modelProvider, tracingDisabled: true });
  };
  const agent = (model: string) => new Agent({ name: "Writer", model });
  return {
    name: `@openai/agents, ${useResponses ? "responses" : "chat"}`,
    ask: async (model) => (await runner().run(agent(model), input)).finalOutput ?? "",
    stream: async (model) => {
      const result = await runner().run(agent(model), input, { stream: true });
      return join(result.toTextStream());
    },
  };
}

const clients: readonly Client[] = [
  {
    name: "openai, responses",
    ask: async (model) => (await openai().responses.create({ model, input })).output_text,
    stream: async (model) =>
      (await openai().responses.stream({ model, input }).finalResponse()).output_text,
  },
  {
    name: "@openrouter/sdk",
    // It takes cost_details only with the costs of the prompt and of the completion, which not all have.
    without: ["byok"],
    ask: async (model) => {
      const answer = await openRouter().chat.send({ chatRequest: { model, messages } });
      if (!("choices" in answer)) throw new Error("is a stream");
      const content = answer.choices[0]?.message.content;
      return typeof content === "string" ? content : "";
    },
    stream: async (model) => {
      const chatRequest = { model, messages, stream: true as const };
      const chunks = (await openRouter().chat.send({
        chatRequest,
      })) as AsyncIterable<ChatStreamChunk>;
      let text = "";
      for await (const { choices } of chunks) text += choices[0]?.delta.content ?? "";
      return text;
    },
  },
  {
    name: "@ai-sdk/openai-compatible",
    ask: async (model) => (await generateText({ model: vercel(model), prompt: input })).text,
    stream: (model) => join(streamText({ model: vercel(model), prompt: input }).textStream),
  },
  langChain(false),
  langChain(true),
  agents(false),
  agents(true),
];

const rows = DIALECTS.map((dialect) => ({ name: dialect.name, model: dialectModel(dialect) }));

/** However a server writes its answers, each client reads them. */
describe.each(clients)("$name", ({ ask, stream, without = [] }) => {
  test.each(rows.filter(({ name }) => !without.includes(name)))("$name", async ({ model }) => {
    expect(await ask(model)).toContain("1871");
    expect(await stream(model)).toContain("1871");
  });
});
