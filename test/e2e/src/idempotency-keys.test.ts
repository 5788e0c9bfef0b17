import { tool } from "@langchain/core/tools";
import {
  defineRole,
  idempotencyKeyOf,
  MemoryJournal,
  Orchestra,
  type Journal,
} from "@orchestra/core";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { answer, startScriptedServer, toolCall } from "./scripted-server.ts";

/* Agents that work side by side in one step of a run, at a server whose tool calls all have one id. */

/** What JSON cannot hold is not stored: after a crash the tool is called again. */
const notJson = () => new Map([["ordered", true]]);

interface Options {
  readonly environment?: Readonly<Record<string, string>>;
  /** Names of the agents, which start at once. */
  readonly agents: readonly string[];
}

async function start({ environment = {}, agents }: Options) {
  const server = await startScriptedServer((body) =>
    body["messages"].at(-1)?.role === "tool"
      ? answer({ content: '{"text":"Done"}' })
      : answer({ content: null, tool_calls: [toolCall("order", { item: "lamp" })] }, "tool_calls"),
  );
  const orchestra = new Orchestra({
    environment: {
      OPENROUTER_API_KEY: "sk-or-v1-keys-0123456789",
      OPENROUTER_BASE_URL: server.url,
      OPENROUTER_DEFAULT_MODEL: "server/model",
      LLM_REQUESTS_PER_MINUTE: "none",
      LLM_REQUESTS_PER_DAY: "none",
      LOG_LEVEL: "silent",
      ...environment,
    },
  });
  /** One execution of the step; the keys of its orders. */
  async function execute(journal: Journal | undefined): Promise<readonly string[]> {
    const keys: string[] = [];
    const order = tool(
      (_: { item: string }, config) => {
        keys.push(idempotencyKeyOf(config) ?? "none");
        return [JSON.stringify({ ordered: true }), notJson()];
      },
      {
        name: "order",
        description: "Orders an item",
        schema: z.object({ item: z.string() }),
        responseFormat: "content_and_artifact",
      },
    );
    const run = agents.map((name) => {
      const role = defineRole({
        name,
        system: "Order.",
        input: z.object({}),
        output: z.object({ text: z.string() }),
        tools: [order],
      });
      const configurable = { run_id: "run-1", step: "order:1", ...(journal && { journal }) };
      return orchestra.agent(role).invoke({}, { configurable });
    });
    await Promise.all(run);
    return keys.toSorted();
  }
  return { ...server, execute };
}

describe.each([
  ["two agents", ["buyer", "clerk"], {}],
  ["one agent twice", ["buyer", "buyer"], {}],
  ["one agent twice, with identical calls sent once", ["buyer", "buyer"], { LLM_COALESCE: "true" }],
])("%s in one step", (_, agents, environment) => {
  test("have different idempotency keys, which are the same after a crash", async () => {
    await using t = await start({ agents, environment });
    const journal = new MemoryJournal();
    const keys = await t.execute(journal);
    expect(new Set(keys).size).toBe(2);
    const requests = t.requests.length;
    expect(await t.execute(journal.again())).toEqual(keys);
    expect(t.requests).toHaveLength(requests);
  });
});

test("two agents have different keys without a journal too", async () => {
  await using t = await start({ agents: ["buyer", "clerk"] });
  expect(new Set(await t.execute(undefined)).size).toBe(2);
});
