import type { RunnableConfig } from "@langchain/core/runnables";
import type { Journal } from "../journal/index.ts";
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
  /** Remembers calls and tool calls, so that a run that goes on after a crash does not repeat them. */
  readonly journal?: Journal;
  /**
   * Where in the run a call belongs; part of its entry in the journal, and of its tools' idempotency
   * keys.
   *
   * @defaultValue the LangGraph node around the outermost agent, by its task; `""` outside a graph
   */
  readonly step?: string;
  /** Whether the run waits for a person before it executes, in pipelines that know how to. @defaultValue `false` */
  readonly approval?: boolean;
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
