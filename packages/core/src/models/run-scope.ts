import type { RunnableConfig } from "@langchain/core/runnables";
import type { EventListener } from "../usage/events.ts";

/**
 * What one run hands down to every call made in it, in `configurable`, LangChain's own channel for
 * such things.
 */
export interface RunConfigurable {
  /** Picks the model of a role, at the general model. */
  readonly agent_type?: string;
  /** @defaultValue the id of the LangChain run that the call is part of */
  readonly run_id?: string;
  /** @defaultValue `TRACE_ID`, else the run's id */
  readonly trace_id?: string;
  /** Hears what happens in this run. */
  readonly on_event?: EventListener;
}

export interface RunScope {
  readonly runId: string;
  readonly traceId: string;
  readonly onEvent: EventListener | undefined;
}

export function readConfigurable(
  config: Pick<RunnableConfig, "configurable"> | undefined,
): RunConfigurable {
  return (config?.configurable ?? {}) as RunConfigurable;
}
