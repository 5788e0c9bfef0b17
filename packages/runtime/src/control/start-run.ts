import { isDeepStrictEqual } from "node:util";
import { names } from "@orchestra/core/extend";
import { v7 as uuidv7 } from "uuid";
import type { Database, Transaction } from "../database/index.ts";
import { IdempotencyError, RunStateError } from "../errors/index.ts";
import { versionOf, type Pipeline } from "../pipelines/index.ts";
import type { RunQueue } from "../queue/run-queue.ts";
import { toRun, type NewRun, type Run, type RunStore } from "../runs/index.ts";

export interface StartOptions {
  /** @defaultValue a UUID of version 7, which increases with time */
  readonly id?: string;
  /**
   * A second start with the same key returns the run of the first one. Each `keyId` has its own
   * idempotency keys. Inputs are compared after the pipeline's schema has parsed them: a default that varies, such
   * as a random value or the time, counts as another input.
   */
  readonly idempotencyKey?: string;
  /** Runs with a higher priority start first. @defaultValue `0` */
  readonly priority?: number;
  /** The run fails at this time if it has not ended; waits count too. @defaultValue none */
  readonly deadline?: Date;
  /** Whether a person must approve before the executor runs. @defaultValue `false` */
  readonly approval?: boolean;
  /** For traces. @defaultValue the run's id */
  readonly traceId?: string;
  /**
   * Parent span of the run's spans, as W3C Trace Context.
   *
   * @defaultValue none: the run has its own trace
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
  /** The end user of the run, without secrets: usage can be summed up by user. @defaultValue none */
  readonly user?: string;
}

/** The services that starting a run uses. */
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
 * Stores a run and its job in one transaction.
 *
 * @param prepare - Writes more data of the new run in the same transaction. Not called if the idempotency key has
 * already started a run.
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
  if (row) return toRun(row);
  const before = await startedBefore(store, run);
  if (before) return before;
  const { status = "queued" } = (await store.find(run.id)) ?? {};
  throw new RunStateError(`A run with the id ${run.id} exists already`, status);
}

/**
 * The run that the idempotency key of a new run has started before.
 *
 * @throws {IdempotencyError} if that was other work
 */
export async function startedBefore(store: RunStore, run: NewRun): Promise<Run | undefined> {
  const { idempotencyKey: key } = run;
  const row = key === undefined ? undefined : await store.findByIdempotencyKey(run);
  if (!row) return undefined;
  const { input, forkedFrom = null, models = null } = run;
  const same = [row.input, row.forked_from, row.models];
  if (!isDeepStrictEqual(same, [input, forkedFrom, models])) {
    throw new IdempotencyError(key ?? "", row.id);
  }
  return toRun(row);
}
