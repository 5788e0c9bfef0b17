import { z } from "@hono/zod-openapi";
import { invalidRequest } from "../errors/api-error.ts";
import { jsonRoute } from "../routes/route.ts";
import { wholeNumber } from "../routes/whole-number.ts";
import { usageSchema } from "../runs/run-schema.ts";
import { limitsSchema, readLimits } from "./limits.ts";

const tag = "Usage";
const dayMs = 86_400_000;

const lineSchema = usageSchema
  .extend({
    name: z.string().describe("The day of UTC, role, model, key, user, pipeline or status."),
    runs: z.number().optional().describe("Runs that were started; only by pipeline and status."),
  })
  .meta({ id: "UsageLine" });

export const usageRoutes = [
  jsonRoute(
    {
      method: "get",
      path: "/v1/usage",
      access: "any",
      tag,
      summary: "Usage and cost",
      description:
        "By day, role, model, key or user: all calls of the last days, those of runs too. By pipeline or status: the runs of the last days that have not been deleted. A key without the scope admin gets its own usage.",
      query: z.strictObject({
        by: z.enum(["day", "role", "model", "key", "user", "pipeline", "status"]).default("day"),
        days: wholeNumber({ max: 3660, byDefault: 30 }),
      }),
      answer: z.object({ by: z.string(), lines: z.array(lineSchema).readonly() }),
    },
    async ({ runtime, clients }, { query: { by, days }, c }) => {
      if (!runtime) throw noDatabase();
      const since = new Date(Date.now() - days * dayMs);
      const keyId = clients.of(c.env.incoming).usageKeyId;
      return { by, lines: await runtime.usage({ by, since, keyId }) };
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
    ({ gateway }) => readLimits(gateway),
  ),
];

function noDatabase() {
  return invalidRequest(
    "This server has no database, which stores the usage. Set DATABASE_URL, or start the server with the pipelines of an orchestra.config.ts. GET /metrics has the counts of this process.",
    { status: 404, code: "no_database" },
  );
}
