import type { RunnableConfig } from "@langchain/core/runnables";

/**
 * The step of a LangGraph run that a config belongs to: the outermost node and its task, such as
 * `"research:55c8f6ad-…"`; `""` outside a graph.
 *
 * LangGraph makes a task's id from the checkpoint before it, so that a node that is run again after
 * a crash is the same step, and a further round through the same node is another one. That needs a
 * checkpointer, and `durability: "sync"`: a checkpoint that is not kept before its node begins is
 * another one after a crash. Tasks further in are left out: their ids change where their graph keeps
 * no checkpoints.
 */
export function stepOf(config: Pick<RunnableConfig, "configurable"> | undefined): string {
  const namespace: unknown = config?.configurable?.["checkpoint_ns"];
  return typeof namespace === "string" ? (namespace.split("|")[0] ?? "") : "";
}
