import type { BaseChannel, Checkpoint } from "@langchain/langgraph";

/** The parts of a graph that determine the next step. */
export interface GraphParts {
  readonly nodes: Readonly<Record<string, { readonly triggers: readonly string[] }>>;
  readonly channels: Readonly<Record<string, Pick<BaseChannel, "fromCheckpoint">>>;
}

/** The channel of messages between nodes. */
const sent = "__pregel_tasks";

/** Whether a graph is finished at this checkpoint: nothing triggers another step. */
export function isLast({ nodes, channels }: GraphParts, checkpoint: Checkpoint): boolean {
  const { channel_values: values, channel_versions: versions, versions_seen: seen } = checkpoint;
  const hasValue = (name: string): boolean =>
    channels[name]?.fromCheckpoint(values[name]).isAvailable() ?? false;
  const isTriggered = (node: string, trigger: string): boolean => {
    const version = versions[trigger];
    const before = seen[node]?.[trigger];
    return version !== undefined && (before === undefined || version > before) && hasValue(trigger);
  };
  const isNext = Object.entries(nodes).some(([name, { triggers }]) =>
    triggers.some((trigger) => isTriggered(name, trigger)),
  );
  return !isNext && !hasValue(sent);
}
