import { tool } from "@langchain/core/tools";
import type { Orchestra } from "@orchestra/core";
import { jsonOf } from "@orchestra/core/extend";
import { documentTools, openDocuments } from "@orchestra/tools/documents";
import { researchValidateExecute } from "@orchestra/core/pipelines";
import type { BookEntry } from "@orchestra/sandbox";
import { createAgent } from "langchain";
import { expect } from "vitest";
import { z } from "zod";
import type { OpenBudgets } from "./open-budgets.ts";

/** The resources of a workload. All requests are to one model. */
export interface Bench {
  readonly orchestra: Orchestra;
  readonly budgets: OpenBudgets;
  /** The server's records of the requests for that model. */
  readonly entries: () => readonly BookEntry[];
  readonly reportsUsage: boolean;
  /** Whether all requests are answered: the usage of a failed one stays unknown. */
  readonly answersAll: boolean;
}

type Workload = (bench: Bench) => Promise<void>;

const sentence = "The lamp charges in four hours.";
const question = `# Question\nHow many hours does the lamp charge?\n\n# Material\n${sentence}`;

const invoke: Workload = async ({ orchestra }) => {
  const { text } = await orchestra.model.invoke(question);
  expect(text).toBe(sentence);
};

const stream: Workload = async ({ orchestra }) => {
  let text = "";
  for await (const chunk of await orchestra.model.stream(question)) text += chunk.text;
  expect(text).toBe(sentence);
};

/** The JSON that can be forwarded unchanged is equal to the parsed answer. */
const sentJson: Workload = async ({ orchestra }) => {
  const request = { messages: [{ role: "user", content: question }] } as const;
  const asked = { keepsJson: true };
  const answers: object[] = [await orchestra.completions.create(request, asked)];
  const streamed = { ...request, stream: true, stream_options: { include_usage: true } } as const;
  const chunks = await orchestra.completions.create(streamed, asked);
  for await (const chunk of chunks) answers.push(chunk);
  for (const answer of answers) {
    const json = jsonOf(answer);
    if (json !== undefined) expect(JSON.parse(json)).toEqual(answer);
  }
};

/** Two calls in one turn, one of them of a tool without parameters. */
const tools: Workload = async ({ orchestra }) => {
  const called: string[] = [];
  const search = tool(
    () => {
      called.push("search");
      return `{"passages":[{"path":"lamp.md","line":1,"text":"${sentence}"}]}`;
    },
    {
      name: "search",
      description: "Searches the documents",
      schema: z.object({ query: z.string() }),
    },
  );
  const firmware = tool(
    () => {
      called.push("firmware_version");
      return '{"passages":[{"path":"about.md","line":1,"text":"The firmware version is 4.2."}]}';
    },
    { name: "firmware_version", description: "The version of the firmware", schema: z.object({}) },
  );
  const agent = createAgent({ model: orchestra.modelFor("assistant"), tools: [search, firmware] });
  const task = "How many hours does the lamp charge, and what is its firmware version?";
  const { messages } = await agent.invoke({ messages: [{ role: "user", content: task }] });
  expect(called.toSorted()).toEqual(["firmware_version", "search"]);
  expect(messages.map((message) => message.type)).toEqual(["human", "ai", "tool", "tool", "ai"]);
  expect(messages.at(-1)?.text).toContain("four hours");
  expect(messages.at(-1)?.text).toContain("4.2");
};

const structuredOutput: Workload = async ({ orchestra }) => {
  const schema = z.object({ answer: z.string(), confidence: z.number().min(0).max(1) });
  const model = orchestra.modelFor("structured").withStructuredOutput(schema);
  const { answer } = await model.invoke(question);
  expect(answer).toContain("four hours");
};

const folder = new URL("__fixtures__/", import.meta.url).pathname;

/** Read once: a thread does that. */
let opened: ReturnType<typeof openDocuments> | undefined;

const pipeline: Workload = async ({ orchestra }) => {
  opened ??= openDocuments(folder);
  const documents = await opened;
  const graph = researchValidateExecute({
    researcher: orchestra.researcher({ tools: documentTools(documents) }),
    validator: orchestra.validator({ sources: documents }),
    executor: orchestra.executor(),
  });
  const { status, answer, citations } = await graph.invoke({
    task: "How many hours does the lamp charge?",
  });
  expect(status).toBe("succeeded");
  expect(answer).toContain("four hours");
  expect(citations.length).toBeGreaterThan(0);
};

/** Compares the usage that the client and the server have recorded, after all other workloads. */
const ledger: Workload = async (bench) => {
  const { orchestra, budgets, entries, reportsUsage, answersAll } = bench;
  await orchestra.flushCosts();
  const { promptTokens, completionTokens, costUsd, failedCalls } = orchestra.ledger.total;
  const server = entries().filter(({ status }) => status === 200);
  const sum = (field: "promptTokens" | "completionTokens" | "costUsd") =>
    reportsUsage ? server.reduce((total, entry) => total + entry[field], 0) : 0;
  expect({ promptTokens, completionTokens, failedCalls }).toEqual({
    promptTokens: sum("promptTokens"),
    completionTokens: sum("completionTokens"),
    failedCalls: 0,
  });
  expect(costUsd).toBeCloseTo(sum("costUsd"), 10);
  expect(budgets.heldTokens).toBe(0);
  // Unknown usage is charged as estimated, which is more.
  const used = server.reduce(
    (total, entry) => total + entry.promptTokens + entry.completionTokens,
    0,
  );
  if (reportsUsage && answersAll) expect(budgets.spentTokens).toBe(used);
  else expect(budgets.spentTokens).toBeGreaterThanOrEqual(used);
};

/** The workloads that each dialect has to pass, in this order. */
export const workloads = { invoke, stream, sentJson, tools, structuredOutput, pipeline, ledger };

export type WorkloadName = keyof typeof workloads;
