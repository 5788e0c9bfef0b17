import type { HttpBindings } from "@hono/node-server";

/** Hono's variables of each request. */
export type ServerEnv = { readonly Bindings: HttpBindings };
