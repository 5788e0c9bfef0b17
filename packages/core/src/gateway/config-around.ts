import { AsyncLocalStorage } from "node:async_hooks";
import type { RunnableConfig } from "@langchain/core/runnables";

// The symbols that all copies of LangChain in a process share. LangChain has a function that reads the config,
// but importing it would load half of LangChain.
const storage = Symbol.for("ls:tracing_async_local_storage");
const childConfig = Symbol.for("lc:child_config");

interface RunTree {
  readonly extra?: { readonly [childConfig]?: RunnableConfig };
}

const shared = globalThis as { [storage]?: AsyncLocalStorage<RunTree | undefined> };

/**
 * Makes LangChain keep the config of the current run, as loading LangGraph does. Then a call in a lambda or a
 * tool belongs to its run, even if the lambda or tool does not pass its config on.
 */
export function keepConfigs(): void {
  shared[storage] ??= new AsyncLocalStorage();
}

/** The config of LangChain's current run: of the node, tool or lambda that makes a call. Otherwise `undefined`. */
export function configAround(): RunnableConfig | undefined {
  return shared[storage]?.getStore()?.extra?.[childConfig];
}
