import { v7 as uuidv7 } from "uuid";
import type { Logger } from "@orchestra/core";
import { outlastOutages } from "../database/index.ts";
import { keyOf, type PipelineRegistry } from "../pipelines/index.ts";
import type { Lease, RunQueue } from "../queue/run-queue.ts";
import { runFormat, type LockedRun, type RunRow, type RunStore } from "../runs/index.ts";
import { judge, type Verdict } from "./judge.ts";

/** How long a run for a newer version is hidden from all workers, in milliseconds. */
const leftAsideMs = 5000;

export interface TakeUpServices {
  readonly store: RunStore;
  readonly queue: RunQueue;
  readonly pipelines: PipelineRegistry;
  /** Name of the worker, in events. */
  readonly worker: string;
  /** How often in a row, without progress, a run may crash its worker. */
  readonly maxCrashes: number;
  readonly logger: Logger;
}

/**
 * Claims a run for the worker with its job: in one statement in the ordinary case; otherwise the run is
 * locked and examined.
 *
 * @returns the run's row; `in-turn` if it has to wait for its turn; `undefined` if there is nothing to do
 */
export function takeUp(
  lease: Lease,
  services: TakeUpServices,
  { isInTurn = false } = {},
): Promise<RunRow | "in-turn" | undefined> {
  const { store, worker, maxCrashes, pipelines } = services;
  const claimant = { worker, pipelines: pipelines.keys };
  return outlastOutages(async () => {
    const row = await store.claim(lease, claimant);
    if (row) return row;
    return store.locked(lease.runId, async (run) => {
      const circumstances = { pipelines: pipelines.keys, maxCrashes, isInTurn, now: run.now };
      return apply(judge(run.row, lease, circumstances), run, lease, services);
    });
  });
}

/** Carries out the decision, in the transaction that has locked the run's row. */
async function apply(
  verdict: Verdict,
  run: LockedRun,
  lease: Lease,
  { store, queue, worker, pipelines, logger }: TakeUpServices,
): Promise<RunRow | "in-turn" | undefined> {
  const { row, change, leave, transaction } = run;
  switch (verdict.kind) {
    case "claimed":
      return row;
    case "not-ours":
      return undefined;
    case "nothing-to-do":
      await queue.release(lease, transaction);
      return undefined;
    case "unknown-pipeline":
      queue.leaveToOthers(keyOf({ name: row.pipeline, version: row.version }));
      await queue.handBack(lease, transaction);
      return undefined;
    case "newer-format": {
      const jobId = uuidv7();
      const startAfter = new Date(run.now.getTime() + leftAsideMs);
      await queue.replace(transaction, lease.id, { ...row, id: jobId, runId: row.id, startAfter });
      await change({ jobId });
      const { id: runId, format } = row;
      transaction.afterCommit(
        () => void logger.warn("run left to a newer version", { runId, format, reads: runFormat }),
      );
      return undefined;
    }
    case "end": {
      const { end, crashes, events } = verdict;
      await leave(end, { crashes }, events);
      if (end.isDeadLetter) {
        await queue.bury(transaction, row.id, { worker: row.worker, ...end.error });
      }
      await queue.release(lease, transaction);
      return undefined;
    }
    case "in-turn":
    case "execute": {
      const { kind, crashes, events } = verdict;
      await change({ status: "queued", waiting: null, crashes }, events);
      if (kind === "in-turn") return kind;
      const claimant = { worker, pipelines: pipelines.keys };
      const claimed = await store.claim(lease, claimant, crashes, transaction.query);
      // The decision and the claim use the same instant, so the claim cannot fail.
      if (!claimed) throw new Error(`Run ${row.id} could not be claimed`);
      return claimed;
    }
  }
}
