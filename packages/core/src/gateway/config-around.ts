import { AsyncLocalStorage } from "node:async_hooks";
import type { RunnableConfig } from "@langchain/core/runnables";

// The names under which LangChain keeps them for all of its copies in a process. To import its function for
// this would load half of LangChain.
const storage = Symbol.for("ls:tracing_async_local_storage");
const childConfig = Symbol.for("lc:child_config");

interface RunTree {
  readonly extra?: { readonly [childConfig]?: RunnableConfig };
}

const shared = globalThis as { [storage]?: AsyncLocalStorage<RunTree | undefined> };

/**
 * Makes LangChain keep the config of each run for the code in it, as loading LangGraph does: calls in a lambda or
 * a tool belong to its run, even if it does not pass its config on.
 */
export function keepConfigs(): void {
  shared[storage] ??= new AsyncLocalStorage();
}

/** The config of LangChain's run around a call: in a node, a tool or a lambda. Outside one, none. */
export function configAround(): RunnableConfig | undefined {
  return shared[storage]?.getStore()?.extra?.[childConfig];
}
