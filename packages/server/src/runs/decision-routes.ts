import { z } from "@hono/zod-openapi";
import { schemas } from "@orchestra/core/extend";
import { runAction } from "./run-route.ts";

const interrupt = z
  .string()
  .optional()
  .describe("Which of the run's open questions; needed if several are open.");
const by = z.string().optional().describe("Who decides.");

export const decisionRoutes = [
  runAction(
    {
      name: "cancel",
      summary: "Cancel a run",
      description: "If a worker executes it, the worker stops it a moment later.",
      body: z.strictObject({ reason: schemas.reason.optional() }),
    },
    (runtime, id, { reason }) => runtime.cancel(id, reason),
  ),
  runAction(
    {
      name: "approve",
      summary: "Approve a run",
      body: z.strictObject({ interrupt, by, note: z.string().optional() }),
    },
    (runtime, id, details) => runtime.approve(id, withoutUndefined(details)),
  ),
  runAction(
    {
      name: "reject",
      summary: "Reject a run",
      description: "The run ends as rejected.",
      body: z.strictObject({ interrupt, by, reason: z.string().optional() }),
    },
    (runtime, id, details) => runtime.reject(id, withoutUndefined(details)),
  ),
  runAction(
    {
      name: "decide",
      summary: "Answer a question of a run",
      description:
        "Answers an interrupt() of your own pipeline, or an approval with more than yes or no, such as an edit.",
      body: z.strictObject({ value: z.unknown(), interrupt }),
    },
    (runtime, id, { value, interrupt: of }) => runtime.decide(id, value, { interrupt: of }),
  ),
];

type Defined<Fields> = { [Name in keyof Fields]: Exclude<Fields[Name], undefined> };

/** Leaves out undefined fields: the options of the runtime do not accept them. */
function withoutUndefined<Fields extends object>(fields: Fields): Defined<Fields> {
  const defined = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(defined) as Defined<Fields>;
}
