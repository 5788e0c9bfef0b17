import { z } from "@hono/zod-openapi";
import { checkSchema } from "./check.ts";
import type { RuntimeCheck } from "./runtime-check.ts";
import type { UpstreamCheck } from "./upstream-check.ts";

export const readinessSchema = z
  .object({
    status: z.enum(["ready", "not ready"]),
    checks: z.object({
      server: checkSchema,
      upstream: checkSchema,
      database: checkSchema.optional(),
      queue: checkSchema.optional(),
    }),
  })
  .meta({ id: "Readiness" });

/** The answer to probes. */
export interface Health {
  readonly upstream: UpstreamCheck;
  /** Absent if the server has no runs. */
  readonly runtime: RuntimeCheck | undefined;
  readonly isStopping: () => boolean;
}

/** Whether requests can be answered, and the reason if not. */
export async function readiness({
  upstream,
  runtime,
  isStopping,
}: Health): Promise<z.output<typeof readinessSchema>> {
  const server = isStopping() ? { ok: false, reason: "stopping" } : { ok: true };
  const [ofUpstream, ofRuntime] = await Promise.all([upstream.state(), runtime?.state()]);
  const checks = { server, upstream: ofUpstream, ...ofRuntime };
  const isReady = Object.values(checks).every(({ ok }) => ok);
  return { status: isReady ? "ready" : "not ready", checks };
}
