import type { HttpBindings } from "@hono/node-server";

/** What Hono knows of each request. */
export type ServerEnv = { readonly Bindings: HttpBindings };
