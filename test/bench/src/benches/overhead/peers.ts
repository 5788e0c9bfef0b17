import { HumanMessage } from "@langchain/core/messages";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { createAgent } from "langchain";
import { benchModel, otherModel } from "../../servers/canned.ts";
import { createChatOpenAI, createOpenAI, maxTokens } from "../clients.ts";
import { key } from "../environments.ts";
import { drain, messages, names, question, system, wireMessages, type Client } from "./client.ts";

export function fetchClient(url: string): Client {
  const post = async (fields: object) => {
    const response = await fetch(`${url}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
      body: JSON.stringify({
        model: benchModel,
        max_tokens: maxTokens,
        messages: wireMessages,
        ...fields,
      }),
    });
    if (!response.ok || !response.body) throw new Error(`The server answered ${response.status}`);
    return { response, body: response.body };
  };
  return {
    name: names.fetch,
    call: async () => (await post({})).response.json(),
    async stream() {
      const { body } = await post({ stream: true, stream_options: { include_usage: true } });
      let rest = "";
      for await (const text of body.pipeThrough(new TextDecoderStream())) {
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) {
          if (line.startsWith("data: {")) JSON.parse(line.slice(6));
        }
      }
    },
  };
}

export function openAIClient(url: string): Client {
  const { completions } = createOpenAI(url).chat;
  const request = { model: benchModel, max_tokens: maxTokens, messages: wireMessages };
  return {
    name: names.openai,
    call: () => completions.create(request),
    stream: async () =>
      drain(
        await completions.create({
          ...request,
          stream: true,
          stream_options: { include_usage: true },
        }),
      ),
  };
}

export function chatOpenAIClient(url: string): Client {
  const chat = createChatOpenAI(url);
  return {
    name: names.chatOpenAI,
    call: () => chat.invoke(messages()),
    stream: async () => drain(await chat.stream(messages())),
  };
}

/** The chain that has the least to do: nothing reads or checks the answer. */
export function lcelClient(url: string): Client {
  const chain = ChatPromptTemplate.fromMessages([
    ["system", system],
    ["human", "{question}"],
  ]).pipe(
    createChatOpenAI(url)
      .withRetry()
      .withFallbacks([createChatOpenAI(url, { model: otherModel })]),
  );
  return {
    name: names.lcel,
    call: () => chain.invoke({ question }),
    stream: async () => drain(await chain.stream({ question })),
  };
}

export function createAgentClient(url: string): Client {
  const agent = createAgent({ model: createChatOpenAI(url), tools: [], systemPrompt: system });
  return {
    name: names.createAgent,
    call: () => agent.invoke({ messages: [new HumanMessage(question)] }),
    stream: async () =>
      drain(
        await agent.stream({ messages: [new HumanMessage(question)] }, { streamMode: "messages" }),
      ),
  };
}
