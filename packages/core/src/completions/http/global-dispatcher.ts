import type { Dispatcher, getGlobalDispatcher } from "undici";

/** Sends requests: a dispatcher of undici. */
export type RequestDispatcher = Pick<Dispatcher, "dispatch">;

/**
 * The place where the copies of undici, including that of Node.js, share the dispatcher of the process. Node.js
 * sets it when a part of `fetch` is first used, as loading LangChain does.
 */
const key: unique symbol = Symbol.for("undici.globalDispatcher.1") as never;

/** The dispatcher that the process has now; `undefined` before anything has used one. */
export function presentDispatcher(): RequestDispatcher | undefined {
  return (globalThis as { readonly [key]?: RequestDispatcher })[key];
}

/**
 * The dispatcher of the process. If it has none yet, that of Node.js: the package undici takes as long to load as the
 * first call, and a tenth of the memory.
 */
export function globalDispatcher(): RequestDispatcher {
  return presentDispatcher() ?? loadDispatcher();
}

function loadDispatcher(): RequestDispatcher {
  Reflect.get(globalThis, "Headers");
  const made = presentDispatcher();
  if (made) return made;
  const require = process.getBuiltinModule("node:module").createRequire(import.meta.url);
  const undici = require("undici") as { getGlobalDispatcher: typeof getGlobalDispatcher };
  return undici.getGlobalDispatcher();
}
