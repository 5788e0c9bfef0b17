import type { Dispatcher, request as undiciRequest } from "undici";

/** Sends a request: a dispatcher of undici. */
export type RequestDispatcher = Pick<Dispatcher, "request">;

/**
 * The place where the copies of undici, including that of Node.js, share the dispatcher of the process. Node.js
 * sets it when a part of `fetch` is first used, as loading LangChain does.
 */
export const dispatcherKey: unique symbol = Symbol.for("undici.globalDispatcher.1") as never;

export interface DispatcherHolder {
  readonly [dispatcherKey]?: Partial<RequestDispatcher>;
}

/**
 * The dispatcher for a process that has none yet, which is that of Node.js. Loads the package undici if the process
 * has set one with only `dispatch()`. Otherwise it is not loaded, because that takes as long as the first call, and
 * a tenth of the memory.
 */
export function loadDispatcher(): RequestDispatcher {
  Reflect.get(globalThis, "Headers");
  const { [dispatcherKey]: made } = globalThis as DispatcherHolder;
  if (made?.request) return made as RequestDispatcher;
  const require = process.getBuiltinModule("node:module").createRequire(import.meta.url);
  const { request } = require("undici") as { request: typeof undiciRequest };
  return {
    request: (options: Dispatcher.RequestOptions) => request(options.origin ?? "", options),
  };
}
