import { z } from "@hono/zod-openapi";
import type { Run, Runtime } from "@orchestra/runtime";
import type { Client } from "../access/client.ts";
import { jsonRoute, type Route } from "../routes/route.ts";
import { requireRuntime } from "./require-runtime.ts";
import { runSchema } from "./run-schema.ts";
import { withoutStack } from "./without-stack.ts";

export const tag = "Runs";

export const runParams = z.object({ id: z.string().describe("Id of the run.") });

interface RunAction<Body extends z.ZodType> {
  /** Last part of the path. */
  readonly name: string;
  readonly summary: string;
  readonly description?: string;
  readonly body: Body;
}

/** A route that changes one run, and returns the changed run. */
export function runAction<Body extends z.ZodType>(
  { name, ...route }: RunAction<Body>,
  act: (runtime: Runtime, id: string, body: z.output<Body>, client: Client) => Promise<Run>,
): Route {
  return jsonRoute(
    {
      method: "post",
      path: `/v1/runs/{id}/${name}`,
      access: "runs:write",
      tag,
      params: runParams,
      answer: runSchema,
      ...route,
    },
    async (context, { params, body, c }) => {
      const client = context.clients.of(c.env.incoming);
      return withoutStack(await act(requireRuntime(context), params.id, body, client));
    },
  );
}
