import { z } from "@hono/zod-openapi";
import { jsonRoute } from "../routes/route.ts";
import { userSchema } from "../routes/user-schema.ts";
import { requireRuntime } from "./require-runtime.ts";
import { runAction, runParams, tag } from "./run-route.ts";
import { runSchema } from "./run-schema.ts";
import { traceparentOf } from "./traceparent-of.ts";
import { withoutStack } from "./without-stack.ts";

/** Fields of a run that starts, in addition to its input. */
const startFields = {
  priority: z.int32().optional().describe("Higher goes first."),
  deadline: z.iso
    .datetime({
      offset: true,
      error: "is not an instant: expected ISO 8601, such as 2030-01-31T12:00:00Z",
    })
    .optional()
    .describe("When the run fails if it has not ended, waits included."),
  approval: z
    .boolean()
    .optional()
    .describe("Whether someone has to approve before the executor runs."),
  traceId: z.string().optional(),
  user: userSchema.optional(),
};

const startSchema = z
  .strictObject({
    pipeline: z.string().meta({ examples: ["answer"] }),
    input: z.unknown().describe("As the pipeline's schema has it."),
    ...startFields,
  })
  .meta({ id: "StartRun" });

const keyHeader = z.object({
  "idempotency-key": z
    .string()
    .min(1)
    .max(256)
    // Clients encode other characters in different ways: the same key could arrive as two.
    .regex(/^[ -~]*$/, "must be of printable ASCII characters")
    .optional()
    .describe(
      "Work of the same Idempotency-Key is started once: a second start answers the first one's run. Each API key has its own.",
    ),
});

export const startRoutes = [
  jsonRoute(
    {
      method: "post",
      path: "/v1/runs",
      access: "runs:write",
      tag,
      summary: "Start a run",
      headers: keyHeader,
      body: startSchema,
      answer: runSchema,
      status: 201,
    },
    async (context, { body: { pipeline, input, ...options }, headers, c }) => {
      const key = headers["idempotency-key"];
      const run = await requireRuntime(context).start(pipeline, input, {
        ...startOptions(options),
        ...traceparentOf(c.env.incoming),
        ...context.clients.of(c.env.incoming).runOptions,
        ...(key === undefined ? {} : { idempotencyKey: key }),
      });
      c.header("location", `/v1/runs/${encodeURIComponent(run.id)}`);
      return withoutStack(run);
    },
  ),
  jsonRoute(
    {
      method: "post",
      path: "/v1/runs/{id}/fork",
      access: "runs:write",
      tag,
      summary: "Start a run that continues from another one",
      description:
        "Without from, it starts at the beginning, and calls with the same requests get the answers of the other run. With from, the name of a step or of a call, it continues just before that step or call.",
      params: runParams,
      headers: keyHeader,
      body: z.strictObject({
        from: z
          .string()
          .optional()
          .meta({ examples: ["execute", "research:2"] }),
        input: z.unknown().optional(),
        models: z.record(z.string(), z.string()).optional().describe("Models by role."),
        ...startFields,
      }),
      answer: runSchema,
      status: 201,
    },
    async (context, { params: { id }, body: { from, input, models, ...options }, headers, c }) => {
      const key = headers["idempotency-key"];
      const client = context.clients.of(c.env.incoming);
      for (const model of Object.values(models ?? {})) client.requireModel(model);
      const run = await requireRuntime(context).fork(id, {
        ...startOptions(options),
        ...traceparentOf(c.env.incoming),
        ...client.runOptions,
        ...(from === undefined ? {} : { from }),
        ...(input === undefined ? {} : { input }),
        ...(models === undefined ? {} : { models }),
        ...(key === undefined ? {} : { idempotencyKey: key }),
      });
      c.header("location", `/v1/runs/${encodeURIComponent(run.id)}`);
      return withoutStack(run);
    },
  ),
  runAction(
    {
      name: "retry",
      summary: "Repeat a run that has ended",
      description: "From a step, or from its beginning. Repeated calls are paid again.",
      body: z.strictObject({ from: z.string().optional() }),
    },
    (runtime, id, { from }, { runOptions }) =>
      runtime.retry(id, { ...runOptions, ...(from === undefined ? {} : { from }) }),
  ),
  runAction(
    {
      name: "resume",
      summary: "Continue a run that failed, was cancelled, or waits for the day's quota",
      description: "From its last checkpoint, with the answers that it has.",
      body: z.strictObject({}),
    },
    (runtime, id, _, { runOptions }) => runtime.resume(id, runOptions),
  ),
];

type StartFields = z.output<z.ZodObject<typeof startFields>>;

function startOptions({ priority, deadline, approval, traceId, user }: StartFields) {
  return {
    ...(priority === undefined ? {} : { priority }),
    ...(deadline === undefined ? {} : { deadline: new Date(deadline) }),
    ...(approval === undefined ? {} : { approval }),
    ...(traceId === undefined ? {} : { traceId }),
    ...(user === undefined ? {} : { user }),
  };
}
