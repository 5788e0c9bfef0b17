import { randomUUID } from "node:crypto";
import type { RunnableConfig } from "@langchain/core/runnables";
import type { Clock } from "../clock/index.ts";
import { readConfigurable, runIdOf } from "../gateway/call-options.ts";
import type { EmitEvent } from "../usage/emit-event.ts";
import type { OrchestraEvent } from "../usage/events.ts";
import { tenths } from "../usage/usage.ts";

type ToolEnd = Extract<OrchestraEvent, { type: "tool-end" }>;

/** A tool call in progress. */
export interface ToolExecution {
  /** The `parent_id` of events inside the tool. */
  readonly id: string;
  /** @param message - If the call failed, the message that the model gets. */
  readonly end: (status: ToolEnd["status"], message?: string) => void;
}

/** @param input - The model's tool call, or only the arguments. */
export type BeginTool = (tool: string, input: unknown) => ToolExecution;

/**
 * Emits an event at the start and at the end of each execution of an agent's tools.
 *
 * @param config - The agent's own.
 */
export function toolEvents(
  role: string,
  config: RunnableConfig,
  { emit, clock }: { readonly emit: EmitEvent; readonly clock: Clock },
): BeginTool {
  const { parent_id: agentId, on_event: onEvent } = readConfigurable(config);
  const runId = runIdOf(config);
  return (tool, input) => {
    const id = randomUUID();
    const startedAt = clock.now();
    const of = { runId, executionId: id, role, tool };
    const parent = agentId === undefined ? {} : { parentId: agentId };
    emit({ type: "tool-start", ...of, ...parent, ...callIdOf(input) }, onEvent);
    const end: ToolExecution["end"] = (status, message) => {
      const durationMs = tenths(clock.now(), startedAt);
      const reason = message === undefined ? {} : { message };
      emit({ type: "tool-end", ...of, durationMs, status, ...reason }, onEvent);
    };
    return { id, end };
  };
}

function callIdOf(input: unknown): { readonly toolCallId?: string } {
  const { type, id } = (input ?? {}) as Readonly<Record<string, unknown>>;
  return type === "tool_call" && typeof id === "string" ? { toolCallId: id } : {};
}
