import { RunnableLambda } from "@langchain/core/runnables";
import { tool } from "@langchain/core/tools";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { completion } from "../completions/__fixtures__/completions.ts";
import { silentLogger } from "../usage/index.ts";
import { Gateway } from "./gateway.ts";

const messages = [{ role: "user" as const, content: "Hello" }];

/** Where LangChain keeps the configs of runs: other tests of this process have made it. */
const storage = Symbol.for("ls:tracing_async_local_storage");
const made = Object.getOwnPropertyDescriptor(globalThis, storage);

let gateway: Gateway;
const runs: string[] = [];
beforeAll(() => {
  Reflect.deleteProperty(globalThis, storage);
  gateway = new Gateway({
    environment: { OPENROUTER_API_KEY: "sk-or-v1-test-0123456789" },
    logger: silentLogger,
    fetch: async () => Response.json(completion()),
    onCall: ({ runId }) => runs.push(runId),
  });
});
afterAll(() => {
  if (made) Object.defineProperty(globalThis, storage, made);
});

async function callTwice(): Promise<string> {
  runs.length = 0;
  await gateway.completions.create({ messages });
  await gateway.completions.create({ messages });
  return "done";
}

test("calls outside a run are a run each", async () => {
  await callTwice();
  expect(new Set(runs).size).toBe(2);
});

test("without LangGraph, calls of a gateway in a lambda belong to its run", async () => {
  await RunnableLambda.from(callTwice).invoke("");
  expect(runs).toHaveLength(2);
  expect(new Set(runs).size).toBe(1);
});

test("and in a tool too, under the id that the caller chose", async () => {
  const asking = tool(callTwice, { name: "ask", description: "Asks", schema: z.object({}) });
  await asking.invoke({}, { configurable: { run_id: "mine" } });
  expect(runs).toEqual(["mine", "mine"]);
});
