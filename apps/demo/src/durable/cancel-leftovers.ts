import type { Runtime } from "@orchestra/runtime";

/**
 * Cancels the runs that demos have left behind that were killed; they can be resumed. This process
 * would take them from the queue, and it has the documents of its own run only.
 */
export async function cancelLeftovers(runtime: Runtime, ownRunId: string): Promise<void> {
  const { runs } = await runtime.list({ status: ["queued", "running", "waiting"], limit: 100 });
  for (const { id } of runs) {
    if (id !== ownRunId) await runtime.cancel(id, "left behind by a demo that was killed");
  }
}
