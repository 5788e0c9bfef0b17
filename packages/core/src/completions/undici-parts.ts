import { createRequire } from "node:module";
import type { Dispatcher } from "undici";

/** What a request needs of undici. */
export interface UndiciParts {
  readonly request: (
    this: Dispatcher,
    options: Dispatcher.RequestOptions,
  ) => Promise<Dispatcher.ResponseData>;
  readonly getGlobalDispatcher: () => Dispatcher;
}

/**
 * Loads the files of undici that send a request. The whole package, with its own `fetch`, caches and
 * mocks, takes three times as long to load and twice the memory. The files have no public names: the
 * version of undici is pinned.
 */
export function loadUndici(): UndiciParts {
  const require = createRequire(import.meta.url);
  const request = require("undici/lib/api/api-request.js") as UndiciParts["request"];
  const { getGlobalDispatcher } = require("undici/lib/global.js") as UndiciParts;
  return { request, getGlobalDispatcher };
}
