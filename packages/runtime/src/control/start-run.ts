import { isDeepStrictEqual } from "node:util";
import { names } from "@orchestra/core/extend";
import { v7 as uuidv7 } from "uuid";
import type { Database, Transaction } from "../database/index.ts";
import { IdempotencyError, RunStateError } from "../errors/index.ts";
import { versionOf, type Pipeline } from "../pipelines/index.ts";
import type { RunQueue } from "../queue/run-queue.ts";
import { toRun, type NewRun, type Run, type RunStore } from "../runs/index.ts";

export interface StartOptions {
  /** @defaultValue a UUID of version 7, which rises with time */
  readonly id?: string;
  /**
   * Work of the same key is started once: a second start of it answers the first one's run. Starts with
   * another `keyId` are other work.
   */
  readonly idempotencyKey?: string;
  /** Higher goes first. @defaultValue `0` */
  readonly priority?: number;
  /** When the run fails if it has not ended, waits included. @defaultValue never */
  readonly deadline?: Date;
  /** Whether someone has to approve before the executor. @defaultValue `false` */
  readonly approval?: boolean;
  /** For traces. @defaultValue the run's id */
  readonly traceId?: string;
  /**
   * The span that starts it, as W3C Trace Context: the run's spans are in that trace, on any worker.
   *
   * @defaultValue none: the run has a trace of its own
   */
  readonly traceparent?: string;
  /** Key of the schedule that starts it. */
  readonly schedule?: string;
  /**
   * Id of a key of {@link Runtime.keys}: its budget, roles and models limit the run's calls, on any worker.
   *
   * @defaultValue none
   */
  readonly keyId?: string;
  /** The end user that the run is for, without secrets: usage can be summed up by user. @defaultValue none */
  readonly user?: string;
}

/** Where new runs go. */
export interface StartServices {
  readonly database: Database;
  readonly store: RunStore;
  readonly queue: RunQueue;
}

export function newRun(pipeline: Pipeline, input: unknown, options: StartOptions): NewRun {
  const { id = uuidv7(), priority = 0, approval = false, deadline, user, ...others } = options;
  const deadlineAt = deadline?.getTime();
  return {
    ...others,
    ...(user === undefined ? {} : { user: names.cleanName(user) }),
    id,
    pipeline: pipeline.name,
    version: versionOf(pipeline),
    input,
    priority,
    approval,
    deadlineAt,
    jobId: uuidv7(),
  };
}

/**
 * Stores a run with its job, at once.
 *
 * @param prepare - What else belongs to the new run, in the same transaction; not called where its key has
 * started one before.
 */
export async function startRun(
  { database, store, queue }: StartServices,
  run: NewRun,
  prepare?: (transaction: Transaction) => Promise<void>,
): Promise<Run> {
  const job = await queue.insertionOf({ ...run, id: run.jobId, runId: run.id });
  const row = prepare
    ? await database.transaction(async (transaction) => {
        const inserted = await store.insert(run, job, transaction);
        if (inserted) await prepare(transaction);
        return inserted;
      })
    : await store.insert(run, job);
  return row ? toRun(row) : startedBefore(store, run);
}

async function startedBefore(store: RunStore, run: NewRun): Promise<Run> {
  const { id, idempotencyKey: key } = run;
  const row = key === undefined ? undefined : await store.findByIdempotencyKey(run);
  if (!row) {
    const { status = "queued" } = (await store.find(id)) ?? {};
    throw new RunStateError(`A run with the id ${id} exists already`, status);
  }
  const { input, forkedFrom = null, models = null } = run;
  const same = [row.input, row.forked_from, row.models];
  if (!isDeepStrictEqual(same, [input, forkedFrom, models])) {
    throw new IdempotencyError(key ?? "", row.id);
  }
  return toRun(row);
}
