import type { Dispatcher, request as undiciRequest } from "undici";

/** What sends a request: a dispatcher of undici. */
export type RequestDispatcher = Pick<Dispatcher, "request">;

/**
 * Where the copies of undici, that of Node.js among them, share the dispatcher of the process. Node.js
 * sets it when something of `fetch` is first used, which loading LangChain does.
 */
export const dispatcherKey: unique symbol = Symbol.for("undici.globalDispatcher.1") as never;

export interface DispatcherHolder {
  readonly [dispatcherKey]?: Partial<RequestDispatcher>;
}

/**
 * Loads the package undici, for a process that has set no dispatcher, or one with `dispatch()` alone.
 * Elsewhere it is not loaded: it takes as long as the first call, and a tenth of the memory.
 */
export function loadDispatcher(): RequestDispatcher {
  const require = process.getBuiltinModule("node:module").createRequire(import.meta.url);
  const { request } = require("undici") as { request: typeof undiciRequest };
  return {
    request: (options: Dispatcher.RequestOptions) => request(options.origin ?? "", options),
  };
}
