import type { UpstreamCheck } from "./upstream-check.ts";

/** The answer to a probe, with its status. */
export interface ProbeAnswer {
  readonly status: 200 | 503;
  readonly body: object;
}

/** Answers `GET /readyz`: whether requests can be answered, and why not. */
export async function readiness(
  upstream: UpstreamCheck,
  isStopping: boolean,
): Promise<ProbeAnswer> {
  const server = isStopping ? { ok: false, reason: "stopping" } : { ok: true };
  const checks = { server, upstream: await upstream.state() };
  const isReady = checks.server.ok && checks.upstream.ok;
  const body = { status: isReady ? "ready" : "not ready", checks };
  return { status: isReady ? 200 : 503, body };
}
