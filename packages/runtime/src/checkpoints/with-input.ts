import type { BaseChannel, Checkpoint } from "@langchain/langgraph";

/** The channels of a graph, by name. */
export type Channels = Readonly<Record<string, Pick<BaseChannel, "fromCheckpoint">>>;

/** The channel of a graph whose whole state is one value. */
const root = "__root__";

/**
 * A checkpoint with another input in its state: each field of the input is written to the channel of its name, like
 * the output of a step. The next steps do not change.
 */
export function withInput(checkpoint: Checkpoint, channels: Channels, input: unknown) {
  const values = { ...checkpoint.channel_values };
  const versions = Object.values(checkpoint.channel_versions).map(Number);
  const version = Math.max(0, ...versions) + 1;
  const newVersions: Record<string, number> = {};
  for (const [name, value] of Object.entries(
    root in channels ? { [root]: input } : Object(input),
  )) {
    if (!Object.hasOwn(channels, name)) continue;
    const channel = channels[name]!.fromCheckpoint(values[name]);
    channel.update([value]);
    values[name] = channel.checkpoint();
    newVersions[name] = version;
  }
  return {
    checkpoint: {
      ...checkpoint,
      channel_values: values,
      channel_versions: { ...checkpoint.channel_versions, ...newVersions },
    },
    newVersions,
  };
}
