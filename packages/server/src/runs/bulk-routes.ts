import { z } from "@hono/zod-openapi";
import { schemas } from "@orchestra/core/extend";
import { jsonRoute } from "../routes/route.ts";
import { changeAll } from "./bulk.ts";
import { tag } from "./run-route.ts";
import { endedStatuses, openStatuses } from "./run-schema.ts";

const resultSchema = z
  .object({
    matched: z.number().describe("Runs that the filter matches."),
    changed: z.number().describe("Runs that were changed; 0 without confirm."),
    failed: z.array(z.object({ id: z.string(), message: z.string() })).readonly(),
  })
  .meta({ id: "BulkResult" });

const confirm = z
  .int()
  .min(0)
  .optional()
  .describe(
    "The matched of the answer without confirm. If the count has changed since, nothing is done.",
  );

const description =
  "Without confirm, the answer only says how many runs match the filter. Send the request again with that count as confirm to change them.";

function bodyOf<const Statuses extends readonly [string, ...string[]]>(
  statuses: Statuses,
  byDefault: Statuses[number][],
) {
  return z.strictObject({
    filter: z.strictObject({
      status: z
        .array(z.enum(statuses))
        .min(1)
        .default(byDefault as never),
      pipeline: schemas.id.optional(),
      deadLetters: z.boolean().optional(),
    }),
    confirm,
  });
}

export const bulkRoutes = [
  jsonRoute(
    {
      method: "post",
      path: "/v1/runs/cancel",
      access: "runs:write",
      tag,
      summary: "Cancel all runs of a filter",
      description,
      body: bodyOf(openStatuses, [...openStatuses]).extend({ reason: schemas.reason.optional() }),
      answer: resultSchema,
    },
    (context, { body: { filter, confirm: count, reason } }) =>
      changeAll(context, { filter, confirm: count }, (runtime, id) => runtime.cancel(id, reason)),
  ),
  jsonRoute(
    {
      method: "post",
      path: "/v1/runs/retry",
      access: "runs:write",
      tag,
      summary: "Repeat all runs of a filter",
      description: `${description} Runs that failed, unless the filter names another status.`,
      body: bodyOf(endedStatuses, ["failed"]),
      answer: resultSchema,
    },
    (context, { body: { filter, confirm: count }, c }) => {
      const { runOptions } = context.clients.of(c.env.incoming);
      return changeAll(context, { filter, confirm: count }, (runtime, id) =>
        runtime.retry(id, runOptions),
      );
    },
  ),
];
