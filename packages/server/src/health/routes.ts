import { z } from "@hono/zod-openapi";
import { jsonRoute } from "../routes/route.ts";
import { readiness, readinessSchema } from "./readiness.ts";

const tag = "Operation";

export const healthRoutes = [
  jsonRoute(
    {
      method: "get",
      path: "/healthz",
      access: "public",
      tag,
      summary: "Whether the process answers",
      answer: z.object({ status: z.literal("ok") }),
    },
    () => ({ status: "ok" }) as const,
  ),
  jsonRoute(
    {
      method: "get",
      path: "/readyz",
      access: "public",
      tag,
      summary: "Whether requests can be answered",
      description: "The status is 503 if a check fails; each has its reason.",
      answer: readinessSchema,
      otherStatus: 503,
    },
    async ({ health }, { c }) => {
      const answer = await readiness(health);
      c.status(answer.status === "ready" ? 200 : 503);
      return answer;
    },
  ),
];
