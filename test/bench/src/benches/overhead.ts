import { HumanMessage, SystemMessage } from "@langchain/core/messages";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { defineRole, type Orchestra } from "@orchestra/core";
import { createAgent } from "langchain";
import type { ChatCompletionMessageParam } from "openai/resources/chat/completions";
import { z } from "zod";
import { contestLatency, contestThroughput, type Contestant } from "../measure/contest.ts";
import { median, medianRatio } from "../measure/statistics.ts";
import type { Rounds } from "../measure/contest.ts";
import { benchModel, otherModel } from "../servers/canned.ts";
import { startChild } from "../servers/child.ts";
import {
  createChatOpenAI,
  createOpenAI,
  createOrchestra,
  createOrchestraWithEverythingOn,
  key,
  logToNowhere,
  maxTokens,
} from "./clients.ts";

/** Calls under way at one time, in the last of the three tests. */
export const overheadAtOnce = 64;

const system = "You answer in one sentence, as JSON with the one field text.";
const question = "How long does the lamp charge, and what is its foot made of?";

/** One contestant in one test. */
export interface OverheadRow {
  readonly name: string;
  /** Milliseconds a call. */
  readonly ms: number;
  /** Times as long as plain fetch. */
  readonly vsFetch: number;
  /** Times as long as the LCEL chain. */
  readonly vsLcel: number;
}

export interface OverheadResult {
  readonly roleModelVsChatOpenAI: number;
  readonly agentVsLcel: number;
  readonly streamVsLcel: number;
  readonly concurrentVsLcel: number;
  /** The same with everything on, or off, where the figure above has it the other way. */
  readonly others: {
    readonly roleModelWithEverythingOnVsChatOpenAI: number;
    readonly agentWithDefaultsVsLcel: number;
    readonly streamWithDefaultsVsLcel: number;
    readonly concurrentWithDefaultsVsLcel: number;
    readonly liveStreamVsChatOpenAI: number;
    readonly concurrentRoleModelVsChatOpenAI: number;
  };
  readonly sequential: readonly OverheadRow[];
  readonly stream: readonly OverheadRow[];
  readonly concurrent: readonly OverheadRow[];
}

/** What a call costs beyond the server's answer, which comes at once. */
export async function benchOverhead({
  quick,
}: {
  readonly quick: boolean;
}): Promise<OverheadResult> {
  await using server = await startChild<{ url: string }>("completions.ts");
  using log = logToNowhere();
  const short = contestants(`${server.address.url}/short`, log.logger);
  const long = contestants(`${server.address.url}/long`, log.logger);

  const [rounds, concurrentRounds] = quick ? [3, 3] : [7, 5];
  const sequential = await contestLatency(callsOf(short), { rounds, calls: quick ? 20 : 60 });
  const stream = await contestLatency(streamsOf(long), { rounds, calls: quick ? 10 : 30 });
  const concurrent = await contestThroughput(callsOf(short), {
    rounds: concurrentRounds,
    calls: quick ? 128 : 640,
    atOnce: overheadAtOnce,
  });
  return {
    roleModelVsChatOpenAI: ratio(sequential, names.roleModel, names.chatOpenAI),
    agentVsLcel: ratio(sequential, names.agentOn, names.lcel),
    streamVsLcel: ratio(stream, names.agentOn, names.lcel),
    concurrentVsLcel: ratio(concurrent, names.agentOn, names.lcel),
    others: {
      roleModelWithEverythingOnVsChatOpenAI: ratio(sequential, names.roleModelOn, names.chatOpenAI),
      agentWithDefaultsVsLcel: ratio(sequential, names.agent, names.lcel),
      streamWithDefaultsVsLcel: ratio(stream, names.agent, names.lcel),
      concurrentWithDefaultsVsLcel: ratio(concurrent, names.agent, names.lcel),
      liveStreamVsChatOpenAI: ratio(stream, names.roleModel, names.chatOpenAI),
      concurrentRoleModelVsChatOpenAI: ratio(concurrent, names.roleModel, names.chatOpenAI),
    },
    sequential: rowsOf(sequential),
    stream: rowsOf(stream),
    concurrent: rowsOf(concurrent),
  };
}

function ratio(rounds: Rounds, ours: string, theirs: string): number {
  return medianRatio(rounds.get(ours) ?? [], rounds.get(theirs) ?? []);
}

const names = {
  fetch: "fetch",
  openai: "openai",
  chatOpenAI: "ChatOpenAI",
  lcel: "LCEL",
  createAgent: "createAgent",
  roleModel: "RoleModel",
  roleModelOn: "RoleModel, everything on",
  agent: "agent",
  agentOn: "agent, everything on",
} as const;

/** One way to make a call, whole and streamed. */
interface Client {
  readonly name: string;
  readonly call: () => Promise<unknown>;
  /** Reads a stream to its end. */
  readonly stream: () => Promise<unknown>;
}

const callsOf = (clients: readonly Client[]): Contestant[] =>
  clients.map(({ name, call }) => ({ name, call }));
const streamsOf = (clients: readonly Client[]): Contestant[] =>
  clients.map(({ name, stream }) => ({ name, call: stream }));

function contestants(url: string, logger: Parameters<typeof createOrchestraWithEverythingOn>[1]) {
  const plain = createOrchestra(url);
  const everythingOn = createOrchestraWithEverythingOn(url, logger);
  return [
    fetchClient(url),
    openAIClient(url),
    chatOpenAIClient(url),
    lcelClient(url),
    createAgentClient(url),
    roleModelClient(names.roleModel, plain),
    roleModelClient(names.roleModelOn, everythingOn),
    agentClient(names.agent, plain),
    agentClient(names.agentOn, everythingOn),
  ];
}

const wireMessages: ChatCompletionMessageParam[] = [
  { role: "system", content: system },
  { role: "user", content: question },
];
const messages = () => [new SystemMessage(system), new HumanMessage(question)];

function fetchClient(url: string): Client {
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

function openAIClient(url: string): Client {
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

function chatOpenAIClient(url: string): Client {
  const chat = createChatOpenAI(url);
  return {
    name: names.chatOpenAI,
    call: () => chat.invoke(messages()),
    stream: async () => drain(await chat.stream(messages())),
  };
}

/** The chain that has the least to do: nothing reads or checks the answer. */
function lcelClient(url: string): Client {
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

function createAgentClient(url: string): Client {
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

function roleModelClient(name: string, orchestra: Orchestra): Client {
  const model = orchestra.modelFor("bench", { maxTokens });
  return {
    name,
    call: () => model.invoke(messages()),
    stream: async () => drain(await model.stream(messages())),
  };
}

/** An agent hands over whole answers, which it reads and checks; upstream it streams them. */
function agentClient(name: string, orchestra: Orchestra): Client {
  const role = defineRole({
    name: "bench",
    system,
    maxTokens,
    input: z.object({ question: z.string() }),
    output: z.object({ text: z.string() }),
  });
  const agent = orchestra.agent(role);
  const call = () => agent.invoke({ question });
  return { name, call, stream: call };
}

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}

function rowsOf(rounds: Rounds): readonly OverheadRow[] {
  const fetched = rounds.get(names.fetch) ?? [];
  const lcel = rounds.get(names.lcel) ?? [];
  return [...rounds].map(([name, figures]) => ({
    name,
    ms: median(figures),
    vsFetch: medianRatio(figures, fetched),
    vsLcel: medianRatio(figures, lcel),
  }));
}
