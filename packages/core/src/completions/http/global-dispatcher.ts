import type { Dispatcher, getGlobalDispatcher } from "undici";

/**
 * The place where the copies of undici, including that of Node.js, share the dispatcher of the process. Node.js
 * sets it when a part of `fetch` is first used, as loading LangChain does.
 */
export const dispatcherKey: unique symbol = Symbol.for("undici.globalDispatcher.1") as never;

export interface DispatcherHolder {
  /** Sends requests. */
  readonly [dispatcherKey]?: Pick<Dispatcher, "dispatch">;
}

/**
 * The dispatcher for a process that has none yet, which is that of Node.js: the package undici takes as long to load
 * as the first call, and a tenth of the memory.
 */
export function loadDispatcher(): Pick<Dispatcher, "dispatch"> {
  Reflect.get(globalThis, "Headers");
  const { [dispatcherKey]: made } = globalThis as DispatcherHolder;
  if (made) return made;
  const require = process.getBuiltinModule("node:module").createRequire(import.meta.url);
  const undici = require("undici") as { getGlobalDispatcher: typeof getGlobalDispatcher };
  return undici.getGlobalDispatcher();
}
