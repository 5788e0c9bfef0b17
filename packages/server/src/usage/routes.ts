import { secrets } from "@orchestra/core/extend";
import { z } from "@hono/zod-openapi";
import { jsonRoute } from "../routes/route.ts";
import { requireRuntime } from "../runs/require-runtime.ts";
import { usageSchema } from "../runs/run-schema.ts";
import { limitsSchema, readLimits } from "./limits.ts";

const tag = "Usage";
const dayMs = 86_400_000;

const lineSchema = usageSchema.extend({
  name: z.string().describe("The day of UTC, pipeline, status, key, role or model."),
  runs: z.number().optional().describe("Runs that were started; not for roles and models."),
  leftCalls: z.number().optional().describe("Calls that their clients left; for roles and models."),
  durationMs: z.number().optional().describe("Time of all calls together; for roles and models."),
});

export const usageRoutes = [
  jsonRoute(
    {
      method: "get",
      path: "/v1/usage",
      access: "admin",
      tag,
      summary: "What was used, and what it cost",
      description:
        "By day, pipeline, status or key: the runs of the last days, in the books of the database. By role or model: all calls of this process since it started.",
      query: z.strictObject({
        by: z.enum(["day", "pipeline", "status", "key", "role", "model"]).default("day"),
        days: z.coerce.number().int().min(1).max(3660).default(30),
      }),
      answer: z.object({
        by: z.string(),
        source: z.enum(["runs", "process"]),
        lines: z.array(lineSchema).readonly(),
      }),
    },
    async (context, { query: { by, days } }) => {
      if (by === "role" || by === "model") {
        const sums = [...context.orchestra.ledger.by(by)];
        // Clients choose the names.
        const lines = sums.map(([name, line]) => ({ name: secrets.redactSecrets(name), ...line }));
        return { by, source: "process" as const, lines };
      }
      const since = new Date(Date.now() - days * dayMs);
      const lines = await requireRuntime(context).usage({ by, since });
      return { by, source: "runs" as const, lines };
    },
  ),
  jsonRoute(
    {
      method: "get",
      path: "/v1/limits",
      access: "admin",
      tag,
      summary: "Limits of the account, circuits and budgets, as they are now",
      answer: limitsSchema,
    },
    ({ orchestra }) => readLimits(orchestra),
  ),
];
