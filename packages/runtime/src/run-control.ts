import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { ArgumentError } from "@orchestra/core";
import { parseApprovalDecision } from "@orchestra/core/pipelines";
import type { DurableSaver } from "./checkpoints/index.ts";
import type { Database } from "./database/index.ts";
import { IdempotencyError, RunNotFoundError, RunStateError } from "./errors/index.ts";
import { throughJson } from "./through-json.ts";
import { validInput, type PipelineRegistry } from "./pipelines/index.ts";
import type { RunQueue } from "./queue/run-queue.ts";
import {
  hasEnded,
  toRun,
  type LockedRun,
  type NewRun,
  type Run,
  type RunRow,
  type RunStore,
} from "./runs/index.ts";
import { cancelled } from "./worker/execution.ts";
import { forkTo } from "./worker/fork.ts";

export interface StartOptions {
  /** @defaultValue a UUID */
  readonly id?: string;
  /** Work of the same key is started once: a second start of it answers the first one's run. */
  readonly idempotencyKey?: string;
  /** Higher goes first. @defaultValue `0` */
  readonly priority?: number;
  /** When the run fails if it has not ended, waits included. @defaultValue never */
  readonly deadline?: Date;
  /** Whether someone has to approve before the executor. @defaultValue `false` */
  readonly approval?: boolean;
  /** For traces. @defaultValue the run's id */
  readonly traceId?: string;
  /** Key of the schedule that starts it. */
  readonly schedule?: string;
}

export interface RunControlOptions {
  readonly database: Database;
  readonly store: RunStore;
  readonly queue: RunQueue;
  readonly saver: DurableSaver;
  readonly pipelines: PipelineRegistry;
  readonly redact: (text: string) => string;
}

/** Channel on which it is told that a run is to be cancelled, by its id. */
export function controlChannel({ schema }: Pick<Database, "schema">): string {
  return `${schema}_control`;
}

/** What is done with runs from outside; each change is one transaction. What they promise is said in {@link Runtime}. */
export class RunControl {
  readonly #options: RunControlOptions;

  constructor(options: RunControlOptions) {
    this.#options = options;
  }

  async start(pipeline: string, input: unknown, options: StartOptions): Promise<Run> {
    const { store, queue, database, pipelines } = this.#options;
    const run = newRun(pipeline, validInput(pipelines.get(pipeline), input), options);
    const row = await database.transaction(async (transaction) => {
      const inserted = await store.insert(transaction, run);
      if (inserted) await queue.send(transaction, run.id, run);
      return inserted;
    });
    return row ? toRun(row) : this.#startedBefore(run);
  }

  cancel(id: string, reason: string): Promise<Run> {
    return this.#locked(id, async ({ row, change, transaction }) => {
      if (row.status === "cancelled") return row;
      if (hasEnded(row)) throw hasLongEnded(row);
      const { database, redact } = this.#options;
      const cancelReason = redact(reason);
      const requested = { type: "run-cancel-requested", reason: cancelReason } as const;
      if (isHeld(row)) {
        await transaction.notify(controlChannel(database), id);
        return change({ cancelReason }, [requested]);
      }
      const { changes, events } = cancelled();
      return change({ ...changes, cancelReason }, [requested, ...events]);
    });
  }

  decide(id: string, decision: unknown): Promise<Run> {
    return this.#locked(id, async ({ row, change, transaction }) => {
      const { status, waiting } = row;
      if (waiting?.for !== "approval" || row.decision) {
        throw new RunStateError(`Run ${id} is ${status}: it does not wait for a decision`, status);
      }
      const value = isApproval(waiting.request)
        ? parseApprovalDecision(decision)
        : storable(decision);
      await this.#options.queue.send(transaction, id, row);
      return change(
        { status: "queued", waiting: null, decision: { interrupt: waiting.interrupt, value } },
        [{ type: "run-decision", value }],
      );
    });
  }

  resume(id: string): Promise<Run> {
    return this.#locked(id, async ({ row, change, transaction }) => {
      const { status, waiting } = row;
      const isParked = waiting?.for === "quota";
      if (status !== "failed" && status !== "cancelled" && !isParked) {
        throw new RunStateError(
          `Run ${id} is ${status}: only a run that failed, was cancelled or waits for quota can be resumed`,
          status,
        );
      }
      await this.#options.queue.send(transaction, id, row);
      return change(goingOn, [{ type: "run-resumed" }]);
    });
  }

  async retry(id: string, from: string | undefined): Promise<Run> {
    const { store, saver, pipelines, queue } = this.#options;
    const before = requireEnd(id, await store.find(id));
    const fork =
      from === undefined
        ? undefined
        : await forkTo(before, await pipelines.runnable(before.pipeline), from);
    if (!fork) await saver.deleteThread(id);
    return this.#locked(id, async ({ row, change, transaction }) => {
      requireEnd(id, row);
      await queue.send(transaction, id, row);
      return change({ ...goingOn, output: null, epoch: row.epoch + 1, fork: fork ?? null }, [
        { type: "run-retry", ...(from === undefined ? {} : { from }) },
      ]);
    });
  }

  async delete(id: string): Promise<void> {
    const { store, saver } = this.#options;
    requireEnd(id, await store.find(id));
    await saver.deleteThread(id);
    await this.#locked(id, async ({ row, transaction }) => {
      requireEnd(id, row);
      await store.delete(transaction.query, [id]);
      return row;
    });
  }

  async #locked(id: string, work: (run: LockedRun) => Promise<RunRow>): Promise<Run> {
    const row = await this.#options.store.locked(id, work);
    if (!row) throw new RunNotFoundError(id);
    return toRun(row);
  }

  async #startedBefore({ id, pipeline, input, idempotencyKey: key }: NewRun): Promise<Run> {
    const { store } = this.#options;
    const row = key === undefined ? undefined : await store.findByKey(pipeline, key);
    if (!row) {
      const { status = "queued" } = (await store.find(id)) ?? {};
      throw new RunStateError(`A run with the id ${id} exists already`, status);
    }
    if (!isDeepStrictEqual(row.input, input)) throw new IdempotencyError(key ?? "", row.id);
    return toRun(row);
  }
}

function newRun(pipeline: string, input: unknown, options: StartOptions): NewRun {
  const { id = randomUUID(), priority = 0, approval = false, deadline, ...others } = options;
  return { ...others, id, pipeline, input, priority, approval, deadlineAt: deadline?.getTime() };
}

/** What a run is that goes on after it had stopped. */
const goingOn = {
  status: "queued",
  waiting: null,
  decision: null,
  error: null,
  cancelReason: null,
  crashes: 0,
  isDeadLetter: false,
  ends: false,
} as const;

/** Whether a worker has it, or had it last and is gone. */
function isHeld({ status, waiting }: RunRow): boolean {
  return status === "running" || waiting?.for === "rate-limit";
}

/** @throws {ArgumentError} for a decision that JSON cannot hold */
function storable(decision: unknown): unknown {
  try {
    return throughJson(decision);
  } catch (error) {
    const { message } = error as Error;
    throw new ArgumentError(`The decision cannot use its input: ${message}`, { cause: error });
  }
}

function isApproval(request: unknown): boolean {
  return (request as { type?: unknown } | null)?.type === "approval";
}

function requireEnd(id: string, row: RunRow | undefined): RunRow {
  if (!row) throw new RunNotFoundError(id);
  if (hasEnded(row)) return row;
  throw new RunStateError(`Run ${id} is ${row.status}; cancel it first`, row.status);
}

function hasLongEnded({ id, status }: RunRow): RunStateError {
  return new RunStateError(`Run ${id} has ${status} and can no longer be cancelled`, status);
}
