import type { Runtime } from "@orchestra/runtime";

/**
 * Cancels the runs of demos that were killed. They can be resumed. Otherwise this process would execute them too, but
 * it does not have their documents.
 */
export async function cancelLeftovers(runtime: Runtime, ownRunId: string): Promise<void> {
  const { runs } = await runtime.list({ status: ["queued", "running", "waiting"], limit: 100 });
  for (const { id } of runs) {
    if (id !== ownRunId) await runtime.cancel(id, "left behind by a demo that was killed");
  }
}
