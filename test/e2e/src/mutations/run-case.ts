import { tool } from "@langchain/core/tools";
import { defineRole, Orchestra, OrchestraError, type CallRecord } from "@orchestra/core";
import { createAgent } from "langchain";
import { expect } from "vitest";
import { z } from "zod";
import { OpenBudgets } from "../dialects/open-budgets.ts";
import type { MutatedServer } from "./mutated-server.ts";
import { mutate, parse, type Case } from "./mutations.ts";
import type { Recording, Task } from "./recordings.ts";

/** What a caller saw of one case. */
export interface Outcome {
  /** The answer, or the code of the error. */
  readonly result: string;
  /** What the tool was called with. */
  readonly args: readonly unknown[];
}

/** So long may a call take; only a call that hangs takes longer. */
const maxCallMs = 30_000;
const output = z.object({ answer: z.string(), confidence: z.number() });

/** Makes one call of a server whose answer is mutated, and checks all that must hold afterwards. */
export async function runCase(
  server: MutatedServer,
  recording: Recording,
  { mutations, isBroken, isLive }: Case,
  cuts: readonly number[],
): Promise<Outcome> {
  const { contentType, text, isStream, task } = recording;
  const bytes = Buffer.from(mutate(text, isStream, mutations));
  const baseUrl = server.add({ contentType, bytes, cuts, isBroken });
  const budgets = new OpenBudgets();
  const records: CallRecord[] = [];
  const orchestra = new Orchestra({
    budgetStore: budgets,
    onCall: (each) => records.push(each),
    environment: {
      OPENROUTER_API_KEY: "sk-or-v1-mutated-0123456789",
      OPENROUTER_BASE_URL: baseUrl,
      OPENROUTER_DEFAULT_MODEL: "server/model",
      LLM_MAX_RETRIES: "0",
      LLM_MAX_CONCURRENCY: "1",
      LLM_BUDGET_TOKENS_PER_DAY: "100000000",
      LLM_REQUEST_TIMEOUT: "20",
      LOG_LEVEL: "silent",
    },
  });
  const args: unknown[] = [];
  const result = await inTime(outcomeOf(workloads[task](orchestra, isLive, args)));
  await orchestra.flushCosts();
  expect(budgets.heldTokens, "open reservations").toBe(0);
  for (const made of args)
    expect(isWhole(made, bytes), `arguments ${JSON.stringify(made)}`).toBe(true);
  const next = await inTime(outcomeOf(orchestra.chat("Again?").then(({ text: said }) => said)));
  expect(next, "the next call").toContain("Good.");
  await orchestra.flushCosts();
  expect(budgets.heldTokens, "open reservations").toBe(0);
  expectSoundBooks(orchestra, records, budgets);
  return { result, args };
}

type Workload = (orchestra: Orchestra, isLive: boolean, args: unknown[]) => Promise<string>;

const workloads: Readonly<Record<Task, Workload>> = {
  async chat(orchestra, isLive) {
    if (!isLive) return (await orchestra.chat("Hello")).text;
    let text = "";
    for await (const chunk of await orchestra.model.stream("Hello")) text += chunk.text;
    return text;
  },
  async structured(orchestra) {
    const model = orchestra.model.withStructuredOutput(output);
    return JSON.stringify(output.parse(await model.invoke("Hello")));
  },
  async tools(orchestra, isLive, args) {
    const search = tool(
      (given: unknown) => {
        args.push(given);
        return "The lamp charges in four hours.";
      },
      {
        name: "search",
        description: "Searches the documents",
        schema: z.strictObject({ query: z.string() }),
      },
    );
    if (!isLive) {
      const role = defineRole({
        name: "seeker",
        system: "Search.",
        input: z.object({}),
        output,
        tools: [search],
      });
      return JSON.stringify(await orchestra.agent(role).invoke({}));
    }
    const agent = createAgent({ model: orchestra.modelFor("seeker"), tools: [search] });
    const input = { messages: [{ role: "user", content: "Hello" }] };
    let last = "";
    for await (const [message] of await agent.stream(input, { streamMode: "messages" })) {
      last = message.text;
    }
    return last;
  },
};

async function outcomeOf(work: Promise<string>): Promise<string> {
  try {
    return `answer: ${await work}`;
  } catch (error) {
    if (OrchestraError.isInstance(error) && error.code !== "unknown_error") return error.code;
    throw error;
  }
}

async function inTime(work: Promise<string>): Promise<string> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("The call hangs")), maxCallMs);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

function expectSoundBooks(
  orchestra: Orchestra,
  records: readonly CallRecord[],
  budgets: OpenBudgets,
) {
  const sums = [orchestra.ledger.total, ...records, ...records.flatMap(({ attempts }) => attempts)];
  for (const { promptTokens, completionTokens, costUsd } of sums as readonly Sums[]) {
    for (const value of [promptTokens, completionTokens, costUsd]) {
      if (value === undefined) continue;
      expect(Number.isFinite(value) && value >= 0, `books: ${value}`).toBe(true);
    }
  }
  expect(Number.isFinite(budgets.spentTokens) && budgets.spentTokens >= 0).toBe(true);
}

interface Sums {
  readonly promptTokens?: number;
  readonly completionTokens?: number;
  readonly costUsd?: number;
}

/** Whether the server sent the whole JSON of these arguments. Arguments must not be made of a part of it. */
function isWhole(made: unknown, bytes: Buffer): boolean {
  const said = bytes
    .toString()
    .split(/\r?\n/)
    .flatMap((line) => parse(line.replace(/^data: ?/, "")) ?? [])
    .concat(parse(bytes.toString()) ?? []);
  const joined = said.flatMap(argumentsIn).join("");
  const goal = JSON.stringify(made);
  const texts = [joined, joined.replaceAll('\\"', '"'), ...argumentTexts(bytes.toString())];
  return texts.some((text) => hasJson(text, goal));
}

function hasJson(text: string, goal: string): boolean {
  if (text.includes(goal)) return true;
  for (let from = text.indexOf("{"); from >= 0; from = text.indexOf("{", from + 1)) {
    for (let end = text.indexOf("}", from); end >= 0; end = text.indexOf("}", end + 1)) {
      if (JSON.stringify(parse(text.slice(from, end + 1))) === goal) return true;
    }
  }
  return goal === "{}";
}

/** The same for a body that is not JSON as a whole, because there is more text after the answer. */
function argumentTexts(body: string): readonly string[] {
  const texts = body.matchAll(/"arguments"\s*:\s*("(?:[^"\\]|\\.)*")/g);
  return Array.from(texts, ([, text = ""]) => String(parse(text)));
}

/** Every text under `arguments`, in the order of the answer. */
function argumentsIn(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key !== "arguments") return argumentsIn(inner);
    return [typeof inner === "string" ? inner : JSON.stringify(inner)];
  });
}
