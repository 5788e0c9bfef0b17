import { tool, type StructuredToolInterface } from "@langchain/core/tools";
import type { RunnableConfig } from "@langchain/core/runnables";
import { expect, test } from "vitest";
import { z } from "zod";
import { FakeClock } from "../clock/fake-clock.ts";
import type { OrchestraEvent } from "../usage/events.ts";
import { limitedTool } from "./limited-tool.ts";
import { toolEvents } from "./tool-events.ts";

const call = { type: "tool_call", name: "work", args: {}, id: "call-1" } as const;
const limits = { timeoutMs: 1000, maxResult: 100, redact: (text: string) => text };

/** Calls a tool of the agent `agent-1`; resolves to the events. */
async function eventsOf(
  work: (clock: FakeClock, config: RunnableConfig) => unknown,
  signal?: AbortSignal,
): Promise<OrchestraEvent[]> {
  const clock = new FakeClock();
  const events: OrchestraEvent[] = [];
  const config = { configurable: { run_id: "run-1", parent_id: "agent-1" } };
  const begin = toolEvents("clerk", config, { clock, emit: (event) => events.push(event) });
  const own = tool((_, given: RunnableConfig) => work(clock, given), {
    name: "work",
    description: "Works",
    schema: z.object({}),
  }) as StructuredToolInterface;
  const watched = limitedTool(own, { clock, ...limits }, { admit: () => undefined, begin });
  await watched.invoke(call, { ...config, ...(signal ? { signal } : {}) }).catch(() => undefined);
  return events;
}

test("a tool has one start and one end event; its calls have it as their parent", async () => {
  let parent: unknown;
  const [start, end, ...more] = await eventsOf(async (clock, { configurable }) => {
    parent = configurable?.["parent_id"];
    await clock.advance(249.96);
    return "done";
  });
  expect(more).toEqual([]);
  expect(start).toEqual({
    type: "tool-start",
    runId: "run-1",
    executionId: parent,
    parentId: "agent-1",
    role: "clerk",
    tool: "work",
    toolCallId: "call-1",
  });
  expect(end).toEqual({
    type: "tool-end",
    runId: "run-1",
    executionId: parent,
    role: "clerk",
    tool: "work",
    durationMs: 250,
    status: "succeeded",
  });
});

const interrupt = Object.assign(new Error("which one?"), { is_bubble_up: true });
const throws = (error: Error) => () => {
  throw error;
};
const controller = new AbortController();

test.each([
  ["failed", throws(new Error("closed")), { message: "closed" }],
  ["interrupted", throws(interrupt), {}],
  ["aborted", () => controller.abort(), {}],
  [
    "timeout",
    (clock: FakeClock) => clock.advance(1000),
    { message: "The tool work gave no result within 1 s (LLM_TOOL_TIMEOUT)" },
  ],
])("the event of a tool's end has the status %s", async (status, work, more) => {
  const signal = status === "aborted" ? controller.signal : undefined;
  const { durationMs: _, ...end } = (await eventsOf(work, signal)).at(-1) as { durationMs: number };
  const of = { type: "tool-end", runId: "run-1", role: "clerk", tool: "work" };
  expect(end).toEqual({ ...of, executionId: expect.any(String) as string, status, ...more });
});
