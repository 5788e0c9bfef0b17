import type { RunnableConfig } from "@langchain/core/runnables";

/**
 * The step of a LangGraph run that a config belongs to: the outermost node and its task id, such as
 * `"research:55c8f6ad-…"`; `""` outside a graph.
 *
 * LangGraph derives a task's id from the checkpoint before it. A node that runs again after a crash
 * is therefore the same step, and a further round through the node is another one. This needs a
 * checkpointer and `durability: "sync"`: without it a node may begin before its checkpoint is
 * stored, and has another id after a crash. The tasks of nested graphs are not included, because their
 * ids change if the nested graph has no checkpoints.
 */
export function stepOf(config: Pick<RunnableConfig, "configurable"> | undefined): string {
  const namespace: unknown = config?.configurable?.["checkpoint_ns"];
  return typeof namespace === "string" ? (namespace.split("|")[0] ?? "") : "";
}
