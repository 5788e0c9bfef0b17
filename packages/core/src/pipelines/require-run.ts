import { ensureConfig, type RunnableConfig } from "@langchain/core/runnables";
import type { BaseCheckpointSaver } from "@langchain/langgraph";
import { ArgumentError } from "../errors/index.ts";
import { quoted } from "../errors/bounded.ts";

/**
 * Requires that a thread has a run to continue. LangGraph's own error for a thread without a run names its
 * channels.
 *
 * @throws {ArgumentError} if there is no run to continue
 */
export async function requireRun(
  { checkpointer }: { readonly checkpointer?: unknown },
  config: RunnableConfig | undefined,
): Promise<void> {
  const given = ensureConfig(config);
  const { thread_id: thread } = (given.configurable ?? {}) as { readonly thread_id?: string };
  if (typeof checkpointer !== "object" || checkpointer === null) {
    throw nothingToContinue("the graph has no checkpointer, which keeps runs");
  }
  // A checkpointer itself reports a missing thread.
  if (thread === undefined || (await (checkpointer as BaseCheckpointSaver).getTuple(given))) return;
  throw nothingToContinue(`the thread ${quoted(thread)} has no run`);
}

function nothingToContinue(why: string): ArgumentError {
  return new ArgumentError(
    `The run: input is null or a command, which continues a run, but ${why}: expected an object with a task, such as { task: "…" }, which begins one`,
  );
}
