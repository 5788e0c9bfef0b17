import type { MiddlewareHandler } from "hono";
import { readJson } from "../http/read-json.ts";
import type { ServerEnv } from "./server-env.ts";

/** Creates the function that reads a request's body within limits, before its schema. A request without one has an empty object. */
export function readBody(maxBytes: number): MiddlewareHandler<ServerEnv> {
  return async ({ env, req }, next) => {
    const { "content-length": length, "transfer-encoding": encoding } = env.incoming.headers;
    const hasBody = encoding !== undefined || Number(length ?? 0) > 0;
    const body = hasBody ? await readJson(env.incoming, env.outgoing, maxBytes) : {};
    // Hono would read from the connection again.
    req.json = async () => body as never;
    await next();
  };
}
