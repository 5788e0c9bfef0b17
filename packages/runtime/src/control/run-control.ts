import { v7 as uuidv7 } from "uuid";
import { ArgumentError } from "@orchestra/core/gateway";
import { messageOf, parseApprovalDecision } from "@orchestra/core/extend";
import type { RunArtifacts } from "../artifacts/index.ts";
import type { Database, Transaction } from "../database/index.ts";
import { describeStatus, RunNotFoundError, RunStateError } from "../errors/index.ts";
import { throughJson } from "../values/through-json.ts";
import { validInput, type PipelineRegistry } from "../pipelines/index.ts";
import {
  cancelled,
  deleteCheckpoints,
  deleteRun,
  hasEnded,
  isApproval,
  openQuestions,
  toRun,
  type LockedRun,
  type OpenInterrupt,
  type Run,
  type RunRow,
} from "../runs/index.ts";
import { newRun, startRun, type StartOptions, type StartServices } from "./start-run.ts";
import { forkTo } from "../worker/fork.ts";

export interface RunControlOptions extends StartServices {
  readonly artifacts: RunArtifacts;
  readonly pipelines: PipelineRegistry;
  readonly redact: (text: string) => string;
  /** Maximum size of an input or a decision as JSON, in bytes. */
  readonly maxPayloadBytes: number;
}

export interface ResumeOptions {
  /**
   * Id of the client's key that the run then belongs to.
   *
   * @defaultValue the key of the run does not change
   */
  readonly keyId?: string;
}

export interface RetryOptions extends ResumeOptions {
  /** A step of the graph. @defaultValue the beginning */
  readonly from?: string;
}

export interface DecideRunOptions {
  /** Id of the interrupt. Needed if several are open. */
  readonly interrupt?: string | undefined;
  /** Whether the decision is only for an approval, and not for a pipeline's own question. */
  readonly isApproval?: boolean;
}

/** Channel of the ids of runs to cancel. */
export function controlChannel({ schema }: Pick<Database, "schema">): string {
  return `${schema}_control`;
}

/** Changes runs from outside of their execution, each in one transaction. {@link Runtime} documents the methods. */
export class RunControl {
  readonly #options: RunControlOptions;

  constructor(options: RunControlOptions) {
    this.#options = options;
  }

  async start(pipeline: string, input: unknown, options: StartOptions): Promise<Run> {
    const { pipelines, maxPayloadBytes } = this.#options;
    const current = pipelines.current(pipeline);
    const validated = validInput(current, input, maxPayloadBytes);
    return startRun(this.#options, newRun(current, validated, options));
  }

  cancel(id: string, reason: string): Promise<Run> {
    return this.#locked(id, async ({ row, change, leave, transaction }) => {
      if (row.status === "cancelled") return row;
      if (hasEnded(row)) throw endedError(row);
      const { database, queue, redact } = this.#options;
      const cancelReason = redact(reason);
      const requested = { type: "run-cancel-requested", reason: cancelReason } as const;
      if (isHeld(row)) {
        await transaction.notify(controlChannel(database), id);
        return change({ cancelReason }, [requested]);
      }
      await queue.remove(transaction, row.job_id);
      return leave(cancelled(), { cancelReason }, [requested]);
    });
  }

  decide(id: string, decision: unknown, options: DecideRunOptions): Promise<Run> {
    return this.#locked(id, async ({ row, change, transaction }) => {
      const { open, since } = openInterrupts(row);
      const asked = chosen(row, open, options.interrupt);
      if (options.isApproval && !isApproval(asked.value)) throw notAnApproval(row, asked);
      const value = storable(
        isApproval(asked.value) ? parseApprovalDecision(decision) : decision,
        this.#options.maxPayloadBytes,
      );
      const decisions = { ...row.decisions, [asked.id]: value };
      const event = { type: "run-decision", interrupt: asked.id, value } as const;
      const left = open.filter(({ id: other }) => other !== asked.id);
      if (left.length > 0) {
        return change({ waiting: openQuestions(left, since), decisions }, [event]);
      }
      const jobId = await this.#sendAgain(transaction, row);
      return change({ status: "queued", waiting: null, decisions, jobId }, [event]);
    });
  }

  resume(id: string, { keyId }: ResumeOptions): Promise<Run> {
    return this.#locked(id, async ({ row, now, change, transaction }) => {
      const { status, waiting } = row;
      const isParked = waiting?.for === "quota";
      if (status !== "failed" && status !== "cancelled" && !isParked) {
        throw new RunStateError(
          `Run ${id} ${describeStatus(status)}: only a run that failed, was cancelled or waits for quota can be resumed`,
          status,
        );
      }
      requireTime(row, now);
      const jobId = await this.#sendAgain(transaction, row);
      return change({ ...continued, jobId, keyId: keyId ?? row.key_id }, [{ type: "run-resumed" }]);
    });
  }

  async retry(id: string, { from, keyId }: RetryOptions): Promise<Run> {
    const { database, store, pipelines } = this.#options;
    const before = requireEnd(id, await store.find(id));
    const fork =
      from === undefined
        ? undefined
        : await forkTo(before, await pipelines.runnable(before.pipeline, before.version), from);
    return this.#locked(id, async ({ row, now, change, transaction }) => {
      requireEnd(id, row);
      requireTime(row, now);
      if (!fork) await deleteCheckpoints(transaction, database.schema, id);
      const jobId = await this.#sendAgain(transaction, row);
      const epoch = row.epoch + 1;
      return change(
        {
          ...continued,
          decisions: null,
          output: null,
          epoch,
          fork: fork ?? null,
          jobId,
          keyId: keyId ?? row.key_id,
        },
        [{ type: "run-retry", ...(from === undefined ? {} : { from }) }],
      );
    });
  }

  async delete(id: string): Promise<void> {
    const { database, queue, artifacts } = this.#options;
    await this.#locked(id, async ({ row, transaction }) => {
      requireEnd(id, row);
      await queue.remove(transaction, row.job_id);
      await deleteRun(transaction, database.schema, id);
      await artifacts.delete(id);
      return row;
    });
  }

  /** Puts a run into the queue again, with a new job instead of the old one. */
  async #sendAgain(transaction: Transaction, row: RunRow): Promise<string> {
    const { queue } = this.#options;
    const jobId = uuidv7();
    await queue.replace(transaction, row.job_id, { ...row, id: jobId, runId: row.id });
    return jobId;
  }

  async #locked(id: string, work: (run: LockedRun) => Promise<RunRow>): Promise<Run> {
    const row = await this.#options.store.locked(id, work);
    if (!row) throw new RunNotFoundError(id);
    return toRun(row);
  }
}

/** The fields of a run that continues after it was stopped. */
const continued = {
  status: "queued",
  waiting: null,
  error: null,
  cancelReason: null,
  crashes: 0,
  isDeadLetter: false,
  ends: false,
} as const;

/** Whether a worker executes it, or executed it until it died. */
function isHeld({ status, waiting }: RunRow): boolean {
  return status === "running" || waiting?.for === "rate-limit";
}

/** @throws {RunStateError} if the run does not wait for a decision */
function openInterrupts({ id, status, waiting }: RunRow) {
  if (waiting?.for !== "approval" && waiting?.for !== "interrupt") {
    throw new RunStateError(
      `Run ${id} ${describeStatus(status)}: it does not wait for a decision`,
      status,
    );
  }
  return { open: waiting.interrupts, since: waiting.since };
}

/** @throws {RunStateError} if it is not open, or if none is named although several are open */
function chosen(
  { id, status }: RunRow,
  open: readonly OpenInterrupt[],
  interruptId: string | undefined,
): OpenInterrupt {
  const [first, ...others] = open;
  const asked =
    interruptId === undefined && others.length === 0
      ? first
      : open.find(({ id: each }) => each === interruptId);
  if (asked) return asked;
  const names = open.map(({ id: each, step }) => `${each} (step ${step})`).join(", ");
  const problem =
    interruptId === undefined
      ? `waits for ${open.length} decisions; name one by its interrupt`
      : `does not wait for a decision on ${JSON.stringify(interruptId)}`;
  throw new RunStateError(`Run ${id} ${problem}: expected one of ${names}`, status);
}

function notAnApproval({ id, status }: RunRow, { step }: OpenInterrupt): RunStateError {
  return new RunStateError(
    `Run ${id} waits for an answer to the question of step ${step}, not for an approval: use runtime.decide(), orchestra runs answer, or POST /v1/runs/${id}/decide`,
    status,
  );
}

/** @throws {ArgumentError} for a decision that JSON cannot express, or that is too large */
function storable(decision: unknown, maxBytes: number): unknown {
  try {
    return throughJson(decision, maxBytes);
  } catch (error) {
    const problem = messageOf(error);
    throw new ArgumentError(`The decision cannot be stored: ${problem}`, { cause: error });
  }
}

function requireEnd(id: string, row: RunRow | undefined): RunRow {
  if (!row) throw new RunNotFoundError(id);
  if (hasEnded(row)) return row;
  throw new RunStateError(`Run ${id} ${describeStatus(row.status)}; cancel it first`, row.status);
}

/** @throws {RunStateError} for a run whose deadline has passed, which would fail at once and lose what it has */
function requireTime({ id, status, deadline_at }: RunRow, now: Date): void {
  if (!deadline_at || deadline_at > now) return;
  throw new RunStateError(
    `The deadline of run ${id} has passed: it would fail at once. Fork it: the fork has its own deadline`,
    status,
  );
}

function endedError({ id, status }: RunRow): RunStateError {
  const state = describeStatus(status);
  return new RunStateError(`Run ${id} ${state} and can no longer be cancelled`, status);
}
