import { z } from "@hono/zod-openapi";
import type { UpstreamCheck } from "./upstream-check.ts";

const check = z.object({ ok: z.boolean(), reason: z.string().optional() });

export const readinessSchema = z
  .object({
    status: z.enum(["ready", "not ready"]),
    checks: z.object({ server: check, upstream: check }),
  })
  .meta({ id: "Readiness" });

/** What probes ask. */
export interface Health {
  readonly upstream: UpstreamCheck;
  readonly isStopping: () => boolean;
}

/** Whether requests can be answered, and why not. */
export async function readiness({
  upstream,
  isStopping,
}: Health): Promise<z.output<typeof readinessSchema>> {
  const server = isStopping() ? { ok: false, reason: "stopping" } : { ok: true };
  const checks = { server, upstream: await upstream.state() };
  const isReady = Object.values(checks).every(({ ok }) => ok);
  return { status: isReady ? "ready" : "not ready", checks };
}
