import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { readConfigurable } from "../gateway/call-options.ts";
import type { EventListener } from "../usage/index.ts";

/** Whether the graph runs in a node of another graph. */
export function isNested({ configurable }: LangGraphRunnableConfig): boolean {
  return String(configurable?.["checkpoint_ns"]).includes("|");
}

/**
 * The id of the run: the one in the config, or else the one in the first state. They differ if a run
 * continues from the state of another run.
 */
export function runIdFor(
  state: { readonly runId: string },
  config: LangGraphRunnableConfig,
): string {
  return readConfigurable(config).run_id ?? state.runId;
}

/** The config of a step: its calls belong to the run, and its events go to the graph's stream. */
export function inRun(
  state: { readonly runId: string },
  config: LangGraphRunnableConfig,
): LangGraphRunnableConfig {
  const run_id = runIdFor(state, config);
  const on_event = announcer(config);
  return { ...config, configurable: { ...config.configurable, run_id, on_event } };
}

/**
 * Sends an event to the graph's stream and to the run's listener. Throws what the listener throws, or returns its
 * promise.
 */
export function announcer(config: LangGraphRunnableConfig): EventListener {
  const { on_event } = readConfigurable(config);
  return (event) => {
    config.writer?.(event);
    return on_event?.(event);
  };
}
