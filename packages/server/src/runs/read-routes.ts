import { z } from "@hono/zod-openapi";
import { schemas } from "@orchestra/core/extend";
import { jsonRoute, type Route } from "../routes/route.ts";
import { wholeNumber } from "../routes/whole-number.ts";
import { comparisonSchema } from "./comparison-schema.ts";
import { requireRuntime } from "./require-runtime.ts";
import { runParams, tag } from "./run-route.ts";
import { runSchema, statusSchema } from "./run-schema.ts";
import { withoutStack } from "./without-stack.ts";

const statuses = z
  .preprocess(
    (value) => (typeof value === "string" ? value.split(",") : value),
    z.array(statusSchema).optional(),
  )
  .describe("One or several, separated by commas.");

export const readRoutes: readonly Route[] = [
  jsonRoute(
    {
      method: "get",
      path: "/v1/runs",
      access: "runs:read",
      tag,
      summary: "List runs",
      description:
        "The newest first, page by page. A page has fewer runs than limit if they are large.",
      query: z.strictObject({
        status: statuses,
        pipeline: z.string().optional(),
        deadLetters: z.stringbool().optional().describe("Only runs that were given up."),
        limit: wholeNumber({ max: 1000, byDefault: 50 }),
        after: z.string().optional().describe("The next of the previous page."),
      }),
      answer: z.object({
        runs: z.array(runSchema).readonly(),
        next: z.string().optional().describe("Cursor of the next page; absent on the last page."),
      }),
    },
    async (context, { query }) => {
      const { runs, ...page } = await requireRuntime(context).list(query);
      return { runs: runs.map(withoutStack), ...page };
    },
  ),
  jsonRoute(
    {
      method: "get",
      path: "/v1/runs/{id}",
      access: "runs:read",
      tag,
      summary: "Get a run",
      params: runParams,
      answer: runSchema,
    },
    async (context, { params: { id } }) =>
      withoutStack(await requireRuntime(context).get(id, { waitsForDatabase: false })),
  ),
  jsonRoute(
    {
      method: "delete",
      path: "/v1/runs/{id}",
      access: "runs:write",
      tag,
      summary: "Delete a run that has ended",
      description: "With its events, checkpoints and artifacts.",
      params: runParams,
      answer: z.object({ id: z.string(), deleted: z.literal(true) }),
    },
    async (context, { params: { id } }) => {
      await requireRuntime(context).delete(id);
      return { id, deleted: true as const };
    },
  ),
  jsonRoute(
    {
      method: "get",
      path: "/v1/runs/{id}/compare",
      access: "runs:read",
      tag,
      summary: "Compare two runs, step by step",
      params: runParams,
      query: z.strictObject({ with: schemas.id.describe("Id of the other run.") }),
      answer: comparisonSchema,
    },
    async (context, { params, query }) => {
      const { a, b, ...others } = await requireRuntime(context).compare(params.id, query.with);
      return { a: withoutStack(a), b: withoutStack(b), ...others };
    },
  ),
  jsonRoute(
    {
      method: "get",
      path: "/v1/runs/{id}/export",
      access: "runs:read",
      tag,
      summary: "Export the journal of a run",
      description: "For replayJournal() of @orchestra/core/testing.",
      params: runParams,
      answer: z.object({
        format: z.literal(1),
        run: z.unknown(),
        journal: z.array(z.unknown()).readonly(),
      }),
    },
    (context, { params }) => requireRuntime(context).export(params.id),
  ),
];
