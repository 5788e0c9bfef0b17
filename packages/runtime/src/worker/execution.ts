import type { Logger } from "@orchestra/core";
import { outlastOutages, type Database } from "../database/index.ts";
import type { NewEvent } from "../events/index.ts";
import { openRunJournal, type KeptEntry } from "../journal/index.ts";
import type { PipelineRegistry } from "../pipelines/index.ts";
import type { Lease, RunQueue } from "../queue/run-queue.ts";
import {
  hasEnded,
  type RunChanges,
  type RunFailure,
  type RunRow,
  type RunStore,
} from "../runs/index.ts";
import { failureOf, type Outcome } from "./outcome.ts";
import { Recorder } from "./recorder.ts";
import { runPipeline } from "./run-pipeline.ts";
import { RunStoppedError, type StopReason } from "./stop-reason.ts";
import { Turns, type Turn } from "./turns.ts";

export interface ExecutionServices {
  readonly database: Database;
  readonly store: RunStore;
  readonly queue: RunQueue;
  readonly pipelines: PipelineRegistry;
  /** Name of the worker, in events. */
  readonly worker: string;
  /** So many times in a row, without getting on, may a run kill its worker. */
  readonly maxCrashes: number;
  readonly redact: (text: string) => string;
  readonly logger: Logger;
  readonly onError: (error: unknown) => void;
}

/**
 * Of this process, whichever worker: a run whose next crash would be its last is executed when no other
 * such run is. So whichever kills the process takes none along that it has taken along before.
 */
const lastChances = new Turns();

/** One execution of a run by this worker, from the queue to the queue. */
export class Execution {
  readonly lease: Lease;
  /** Resolves when the worker is done with the run; never rejects on the run's account. */
  readonly done: Promise<void>;
  readonly #services: ExecutionServices;
  readonly #stopped = new AbortController();

  constructor(lease: Lease, services: ExecutionServices) {
    this.lease = lease;
    this.#services = services;
    this.done = this.#execute();
  }

  get runId(): string {
    return this.lease.runId;
  }

  stop(reason: StopReason): void {
    this.#stopped.abort(new RunStoppedError(reason));
  }

  async #execute(): Promise<void> {
    const taken = await this.#takeUp();
    if (taken !== "in-turn") return this.#conduct(taken);
    using turn = lastChances.take();
    if (await this.#await(turn)) await this.#conduct(await this.#takeUp(turn));
  }

  /** Whether the turn has come, rather than the end of the waiting. */
  async #await({ begun }: Turn): Promise<boolean> {
    try {
      await unlessStopped(begun, this.#stopped.signal);
      return true;
    } catch {
      const { database, queue } = this.#services;
      // Where it was cancelled, or its place is another's already, this does nothing.
      await outlastOutages(() => database.transaction((tx) => queue.handBack(tx, this.lease)));
      return false;
    }
  }

  /** Executes a run that was taken up, if one was. */
  async #conduct(row: Taken): Promise<void> {
    if (row === undefined || row === "in-turn") return;
    const { store, queue } = this.#services;
    const recorder = new Recorder({
      store,
      runId: row.id,
      execution: row.executions,
      onLost: () => this.stop({ kind: "lost" }),
      onError: this.#services.onError,
    });
    const end = await this.#endOf(row, recorder);
    if (!end) return;
    const { changes, events, next = "release" } = end;
    await recorder.conclude(changes, events, async ({ transaction }) => {
      if (next === "hand-back") return queue.handBack(transaction, this.lease);
      await queue.release(transaction, this.lease);
      if (next !== "release") await queue.send(transaction, row.id, { ...row, startAfter: next });
    });
  }

  /**
   * Claims the run for this execution; nothing where there is nothing to do with it any more. One that
   * is to wait for its turn stays in the queue until then.
   */
  #takeUp(turn?: Turn): Promise<Taken> {
    const { store, queue, worker, maxCrashes, pipelines } = this.#services;
    return outlastOutages(async () => {
      const taken = await store.locked(this.runId, async (run) => {
        const { row, change, transaction } = run;
        const leave = async (): Promise<undefined> => {
          await queue.release(transaction, this.lease);
          return undefined;
        };
        if (hasEnded(row) || isUndecided(row)) return leave();
        // While it waited, its lease has lapsed, and another has it.
        if (turn && row.status !== "queued") return undefined;
        if (!pipelines.names.includes(row.pipeline)) {
          queue.leaveToOthers(row.pipeline);
          await queue.handBack(transaction, this.lease);
          return undefined;
        }
        const { crashes, events } = crashesOf(row);
        const verdict = verdictOn(row, crashes, maxCrashes);
        if (verdict) {
          await change(verdict.changes, [...events, ...verdict.events]);
          if (verdict.changes.isDeadLetter) {
            await queue.bury(transaction, row.id, { worker: row.worker, ...verdict.changes.error });
          }
          return leave();
        }
        if (!turn && isLastChance(crashes, maxCrashes)) {
          await change({ status: "queued", waiting: null, crashes }, events);
          return "in-turn";
        }
        const executions = row.executions + 1;
        const changes = { status: "running", waiting: null, worker, executions, crashes } as const;
        return change({ ...changes, writes: 0, marksProgress: true, starts: true }, [
          ...events,
          { type: "run-start", worker, execution: executions },
        ]);
      });
      return taken;
    });
  }

  /** Runs the pipeline; says how the run is to be left. Nothing where it is another worker's. */
  async #endOf(row: RunRow, recorder: Recorder): Promise<End | undefined> {
    const { signal } = this.#stopped;
    using _ = this.#deadlineOf(row);
    try {
      return endFor(await this.#run(row, recorder, signal), row);
    } catch (error) {
      const { reason } = signal.aborted ? (signal.reason as RunStoppedError) : {};
      if (!reason) throw error;
      return reason.kind === "lost" ? undefined : endForStop(reason, this.#services.worker);
    }
  }

  async #run(row: RunRow, recorder: Recorder, signal: AbortSignal): Promise<Outcome> {
    const { database, pipelines } = this.#services;
    try {
      const pipeline = pipelines.get(row.pipeline);
      const runnable = await pipelines.runnable(row.pipeline);
      const { id: runId, epoch, executions: execution } = row;
      const keep = (entry: KeptEntry) => recorder.keep(entry);
      const journal = await openRunJournal({ database, runId, epoch, execution, signal, keep });
      const onStep = (step: string) => recorder.stepEnd(step);
      const options = { row, pipeline, runnable, journal, onEvent: recorder.hear, onStep, signal };
      const outcome = await unlessStopped(runPipeline(options), signal);
      return outcome.kind === "failed" ? this.#failed(row, outcome.error) : outcome;
    } catch (error) {
      signal.throwIfAborted();
      return this.#failed(row, failureOf(error));
    }
  }

  #failed({ id: runId, pipeline }: RunRow, failure: RunFailure): Outcome {
    const { redact, logger, onError } = this.#services;
    const { message, stack } = failure;
    const error = {
      ...failure,
      message: redact(message),
      ...(stack !== undefined && { stack: redact(stack) }),
    };
    // A logger that fails must not fail what it is told of.
    Promise.resolve()
      .then(() => logger.error("run failed", { runId, pipeline, error }))
      .catch(onError);
    return { kind: "failed", error };
  }

  #deadlineOf({ deadline_at: deadline }: RunRow): Disposable {
    const longest = 2 ** 31 - 1;
    const leftMs = deadline ? deadline.getTime() - Date.now() : Infinity;
    if (leftMs > longest) return { [Symbol.dispose]: () => undefined };
    const timer = setTimeout(() => this.stop({ kind: "deadline" }), leftMs);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  }
}

/** A run as it was taken up; `in-turn` where it has to wait first. */
type Taken = RunRow | "in-turn" | undefined;

/** What does not listen to its signal is left behind; what it still writes is fenced off. */
async function unlessStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason as Error);
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  work.catch(() => undefined);
  try {
    return await Promise.race([work, stopped]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** How a run is left. */
interface End {
  readonly changes: RunChanges;
  readonly events: readonly NewEvent[];
  /** What becomes of its place in the queue; an instant puts it in again from then on. */
  readonly next?: "release" | "hand-back" | Date;
}

const done = { waiting: null, decision: null, fork: null, ends: true } as const;

function endFor(outcome: Outcome, row: RunRow): End {
  switch (outcome.kind) {
    case "ended": {
      const { status, output } = outcome;
      return {
        changes: { ...done, status, output },
        events: [{ type: "run-end", status, output }],
      };
    }
    case "failed":
      return failed(outcome.error);
    case "interrupted": {
      const { request, interrupt } = outcome;
      const waiting = {
        for: "approval",
        request,
        interrupt,
        since: new Date().toISOString(),
      } as const;
      const changes = { status: "waiting", waiting, decision: null, fork: null } as const;
      return { changes, events: [{ type: "run-waiting", waiting }] };
    }
    case "out-of-quota": {
      if (row.deadline_at && row.deadline_at.getTime() <= outcome.until)
        return failed(pastDeadline);
      const until = new Date(outcome.until);
      const waiting = { for: "quota", until: until.toISOString() } as const;
      const changes = { status: "waiting", waiting } as const;
      return { changes, events: [{ type: "run-waiting", waiting }], next: until };
    }
  }
}

function endForStop(reason: Exclude<StopReason, { kind: "lost" }>, worker: string): End {
  switch (reason.kind) {
    case "cancelled":
      return cancelled();
    case "deadline":
      return failed(pastDeadline);
    case "handed-back": {
      const changes = { status: "queued", waiting: null } as const;
      return { changes, events: [{ type: "run-handed-back", worker }], next: "hand-back" };
    }
  }
}

export const pastDeadline = {
  name: "DeadlineError",
  code: "deadline_exceeded",
  message: "The run's deadline passed before it was done",
} as const;

export function failed(error: RunChanges["error"] & object): End {
  return {
    changes: { ...done, status: "failed", error },
    events: [{ type: "run-end", status: "failed", error }],
  };
}

export function cancelled(): End {
  return {
    changes: { ...done, status: "cancelled" },
    events: [{ type: "run-end", status: "cancelled" }],
  };
}

/** Ends a run before it is executed: cancelled, late, or given up. */
function verdictOn(row: RunRow, crashes: number, maxCrashes: number): End | undefined {
  if (row.cancel_reason !== null) return cancelled();
  if (row.deadline_at && row.deadline_at.getTime() <= Date.now()) return failed(pastDeadline);
  if (crashes < maxCrashes) return undefined;
  const end = failed({
    name: "WorkerLostError",
    code: "worker_lost",
    message: `The run lost its worker ${crashes} times in a row without getting on; its events tell where. Mend the pipeline, then resume it.`,
  });
  return { ...end, changes: { ...end.changes, isDeadLetter: true, crashes } };
}

/** How often the run has lost its worker since it last got on; one that is executed and in the queue again has just done so. */
function crashesOf(row: RunRow): { crashes: number; events: NewEvent[] } {
  const isHeld = row.status === "running" || row.waiting?.for === "rate-limit";
  const hasGotOn = BigInt(row.progress) > BigInt(row.progress_at_start);
  const before = hasGotOn ? 0 : row.crashes;
  if (!isHeld) return { crashes: before, events: [] };
  const lost = { type: "run-lost", worker: row.worker ?? "", execution: row.executions } as const;
  return { crashes: before + 1, events: [lost] };
}

function isLastChance(crashes: number, maxCrashes: number): boolean {
  return crashes > 0 && crashes === maxCrashes - 1;
}

function isUndecided({ waiting, decision }: RunRow): boolean {
  return waiting?.for === "approval" && decision === null;
}
