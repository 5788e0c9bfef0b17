import type { CallbackManagerForLLMRun } from "@langchain/core/callbacks/manager";
import type { ChatGenerationChunk } from "@langchain/core/outputs";
import type { RunConfigurable, RunScope } from "./run-scope.ts";
import type { CallServices } from "./services.ts";

/** A role model's call options as the chat models below it know them. */
export function chatOptions(options: object): Record<string, unknown> {
  const { configurable: _, signal: __, ...others } = options as Record<string, unknown>;
  return others;
}

/**
 * What LangChain and LangGraph hand to every call beside its options. It says nothing of what is
 * asked, and some of it is another one each time.
 */
const ofTheRun = new Set(
  [
    "callbacks tags metadata runName runId recursionLimit maxConcurrency timeout promptIndex",
    "store context writer interrupt control heartbeat durability checkpointDuring streamMode",
    "interruptBefore interruptAfter outputKeys executionInfo serverInfo",
  ].flatMap((names) => names.split(" ")),
);

/** The options that are part of what is asked. */
export function askedOptions(options: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(chatOptions(options)).filter(([name]) => !ofTheRun.has(name)),
  );
}

/** The run that a call belongs to: the one it is told, else the LangChain run around it. */
export function scopeOf(
  { run_id, trace_id, on_event }: RunConfigurable,
  runManager: CallbackManagerForLLMRun | undefined,
  services: CallServices,
): RunScope {
  const parent = runManager as unknown as { _parentRunId?: string; runId?: string } | undefined;
  const runId = run_id ?? parent?._parentRunId ?? parent?.runId ?? services.createId();
  return { runId, traceId: trace_id ?? services.traceId ?? runId, onEvent: on_event };
}

/** Hands a chunk to LangChain's callbacks as it hands on a chat model's own. */
export async function announce(
  runManager: CallbackManagerForLLMRun | undefined,
  chunk: ChatGenerationChunk,
): Promise<void> {
  const index = { prompt: 0, completion: 0 };
  await runManager?.handleLLMNewToken(chunk.text, index, undefined, undefined, undefined, {
    chunk,
  });
}
