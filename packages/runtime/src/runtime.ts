import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { isDeepStrictEqual } from "node:util";
import {
  createRedactor,
  parseApprovalDecision,
  type ApprovalDecision,
  type Environment,
  type Orchestra,
  type OrchestraOptions,
} from "@orchestra/core";
import { z } from "zod";
import { DurableSaver } from "./checkpoints/index.ts";
import {
  openDatabase,
  outlastOutages,
  type Database,
  type OpenDatabaseOptions,
} from "./database/index.ts";
import {
  IdempotencyError,
  PipelineInputError,
  RunNotFoundError,
  RunStateError,
} from "./errors/index.ts";
import {
  EventStore,
  follow,
  News,
  pollMs,
  type FollowOptions,
  type RunEvent,
} from "./events/index.ts";
import { Housekeeper } from "./housekeeper.ts";
import { PipelineRegistry, type Pipeline } from "./pipelines/index.ts";
import { RunQueue } from "./queue/run-queue.ts";
import {
  hasEnded,
  RunStore,
  toRun,
  type ListRunsOptions,
  type LockedRun,
  type Run,
  type RunPage,
  type RunRow,
} from "./runs/index.ts";
import { resolveRuntimeSettings, type RuntimeSettings } from "./runtime-settings.ts";
import { Schedules, type Schedule, type ScheduleOptions } from "./schedules.ts";
import { SharedOrchestra } from "./shared-orchestra.ts";
import { Troubles } from "./troubles.ts";
import { forkTo } from "./worker/fork.ts";
import { cancelled } from "./worker/execution.ts";
import { Worker, type WorkerOptions } from "./worker/worker.ts";

export interface RuntimeOptions {
  /** What can be run; every worker needs those that it is to run. */
  readonly pipelines: readonly Pipeline[];
  /** Settings given in code; each wins over its environment variable. */
  readonly settings?: Partial<RuntimeSettings>;
  /** @defaultValue `process.env` */
  readonly environment?: Environment;
  /** For the orchestra that the pipelines are made with; it is made when the first run needs it. */
  readonly orchestra?: Omit<OrchestraOptions, "environment">;
  /** An open database, which stays open when the runtime closes. @defaultValue the one of the settings */
  readonly database?: Database;
  /** How long the account's "minute" lasts; the same in all processes. For tests. */
  readonly limits?: { readonly windowMs: number };
  /** So many times in a row, without getting on, may a run kill its worker. @defaultValue `3` */
  readonly maxCrashes?: number;
  /** Hears what goes wrong in the background, such as a database that is away. @defaultValue the orchestra's logger, if it has one */
  readonly onError?: (error: unknown) => void;
}

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

/**
 * Durable runs of pipelines. A run is kept in the database from its start to its end: it goes on after
 * a crash, on any worker, and pays for no answer twice.
 *
 * @example
 * ```ts
 * await using runtime = await openRuntime({ pipelines: [answer] });
 * await using worker = await runtime.work();
 * const run = await runtime.start("answer", { task: "When was the lighthouse built?" });
 * for await (const event of runtime.events(run.id)) console.log(event.number, event.type);
 * ```
 */
export class Runtime implements AsyncDisposable {
  readonly database: Database;
  readonly settings: RuntimeSettings;
  readonly #options: RuntimeOptions;
  readonly #events: EventStore;
  readonly #store: RunStore;
  readonly #news: News;
  readonly #queue: RunQueue;
  readonly #saver: DurableSaver;
  readonly #pipelines: PipelineRegistry;
  readonly #schedules: Schedules;
  readonly #troubles: Troubles;
  readonly #workers = new Set<Worker>();
  #shared: SharedOrchestra | undefined;
  #redact = (text: string): string => text;
  #housekeeper: Housekeeper | undefined;

  /** @internal Use {@link openRuntime}. */
  constructor(
    options: RuntimeOptions,
    parts: {
      readonly settings: RuntimeSettings;
      readonly database: Database;
      readonly queue: RunQueue;
      readonly saver: DurableSaver;
      readonly troubles: Troubles;
    },
  ) {
    const { database, queue, saver, settings, troubles } = parts;
    this.#options = options;
    this.database = database;
    this.settings = settings;
    this.#queue = queue;
    this.#saver = saver;
    this.#troubles = troubles;
    this.#events = new EventStore(database, (text) => this.#redact(text));
    this.#store = new RunStore(database, this.#events);
    this.#news = new News(database, this.#events.channel);
    this.#pipelines = new PipelineRegistry(options.pipelines, {
      checkpointer: saver,
      orchestra: () => this.orchestra,
    });
    this.#schedules = new Schedules(queue, (name, input, start) => this.start(name, input, start));
  }

  /**
   * What the pipelines' models belong to; its rate limits and budgets are shared with all processes on
   * the database.
   *
   * @throws {SettingsError} where settings are missing or wrong
   */
  get orchestra(): Orchestra {
    if (this.#shared) return this.#shared.orchestra;
    const { orchestra: options, environment, limits } = this.#options;
    this.#shared = new SharedOrchestra({
      database: this.database,
      options,
      environment,
      windowMs: limits?.windowMs,
      onOutage: this.#troubles.report,
    });
    this.#redact = createRedactor(this.#shared.orchestra.settings);
    return this.#shared.orchestra;
  }

  /**
   * Starts a run; it is in the database when this resolves, and a worker takes it up.
   *
   * @throws {UnknownPipelineError} {@link PipelineInputError} {@link IdempotencyError}
   */
  async start(pipeline: string, input: unknown, options: StartOptions = {}): Promise<Run> {
    const { id = randomUUID(), idempotencyKey, priority = 0, approval = false } = options;
    if (!Number.isInteger(priority)) {
      throw new RangeError(`priority is ${priority}; expected a whole number`);
    }
    const valid = this.#validInput(pipeline, input);
    const { deadline, traceId, schedule } = options;
    const deadlineAt = deadline === undefined ? undefined : validDeadline(deadline);
    const row = await this.database.transaction(async (transaction) => {
      const run = {
        id,
        pipeline,
        input: valid,
        approval,
        priority,
        idempotencyKey,
        traceId,
        schedule,
      };
      const inserted = await this.#store.insert(transaction, { ...run, deadlineAt });
      if (inserted) await this.#queue.send(transaction, id, { priority });
      return inserted;
    });
    return row ? toRun(row) : this.#startedBefore(id, pipeline, valid, idempotencyKey);
  }

  /** @throws {RunNotFoundError} */
  async get(id: string): Promise<Run> {
    return toRun(await this.#row(id));
  }

  /** Runs, the newest first, page by page. */
  list(options?: ListRunsOptions): Promise<RunPage> {
    return this.#store.list(options);
  }

  /**
   * A run's events from a number on, then those to come, until the run has ended.
   *
   * @throws {RunNotFoundError}
   */
  async *events(id: string, options: FollowOptions = {}): AsyncGenerator<RunEvent, void> {
    await this.#row(id);
    yield* follow(id, this.#events, this.#news, options);
  }

  /** Resolves when a run has ended. */
  async wait(id: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<Run> {
    using watch = this.#news.watch(id, "its end");
    for (;;) {
      const row = await this.#row(id, signal);
      if (hasEnded(row)) return toRun(row);
      await watch.next(pollMs, signal);
      signal?.throwIfAborted();
    }
  }

  /**
   * Ends a run. One that a worker has is stopped there, a moment later.
   *
   * @throws {RunStateError} where it has ended already, other than by being cancelled
   */
  async cancel(id: string, reason = "no reason given"): Promise<Run> {
    return this.#locked(id, async ({ row, change, transaction }) => {
      if (row.status === "cancelled") return row;
      if (hasEnded(row)) throw ended(row, "cancelled");
      const cancelReason = this.#redact(reason);
      const requested = { type: "run-cancel-requested", reason: cancelReason } as const;
      if (isHeld(row)) {
        await transaction.notify(controlChannel(this.database), id);
        return change({ cancelReason }, [requested]);
      }
      const { changes, events } = cancelled();
      return change({ ...changes, cancelReason }, [requested, ...events]);
    });
  }

  /**
   * Answers what a run waits for; it goes on, on any worker.
   *
   * @param decision - For an approval an {@link ApprovalDecision}; for an `interrupt()` of your own,
   * what it is to give back.
   * @throws {RunStateError} where it waits for no decision, or has one
   * @throws {InvalidInputError} for a decision that an approval cannot take
   */
  async decide(id: string, decision: unknown): Promise<Run> {
    return this.#locked(id, async ({ row, change, transaction }) => {
      const { waiting } = row;
      if (waiting?.for !== "approval" || row.decision) {
        throw new RunStateError(
          `Run ${id} is ${row.status}, and waits for no decision`,
          row.status,
        );
      }
      const value = isApproval(waiting.request) ? parseApprovalDecision(decision) : decision;
      await this.#queue.send(transaction, id, row);
      return change(
        { status: "queued", waiting: null, decision: { interrupt: waiting.interrupt, value } },
        [{ type: "run-decision", value }],
      );
    });
  }

  /** Lets the executor go on. */
  approve(
    id: string,
    details: { readonly by?: string; readonly note?: string } = {},
  ): Promise<Run> {
    return this.decide(id, { decision: "approve", ...details });
  }

  /** Ends the run as rejected. */
  reject(
    id: string,
    details: { readonly by?: string; readonly reason?: string } = {},
  ): Promise<Run> {
    return this.decide(id, { decision: "reject", ...details });
  }

  /** Lets the executor go on with something else than what the validator approved. */
  edit(id: string, edit: Omit<ApprovalDecision & { decision: "edit" }, "decision">): Promise<Run> {
    return this.decide(id, { decision: "edit", ...edit });
  }

  /**
   * Lets a run go on that failed, was cancelled, or waits for the day's quota: from its last checkpoint,
   * with the answers that it has.
   *
   * @throws {RunStateError} for a run in another state
   */
  async resume(id: string): Promise<Run> {
    return this.#locked(id, async ({ row, change, transaction }) => {
      const { status, waiting } = row;
      const isParked = waiting?.for === "quota";
      if (status !== "failed" && status !== "cancelled" && !isParked) {
        throw new RunStateError(
          `Run ${id} is ${status}; only a run that failed, was cancelled or waits for quota is resumed`,
          status,
        );
      }
      await this.#queue.send(transaction, id, row);
      return change(goingOn, [{ type: "run-resumed" }]);
    });
  }

  /**
   * Does a run again that has ended: from a step on, or from its beginning. What is done again is asked
   * and paid for anew.
   *
   * @param options - `from` names a step of a graph. @defaultValue the beginning
   * @throws {RunStateError} where it has not ended, or never came to the step
   */
  async retry(id: string, { from }: { readonly from?: string } = {}): Promise<Run> {
    const before = await this.#row(id);
    requireEnd(before);
    const runnable = await this.#pipelines.runnable(before.pipeline);
    const fork = from === undefined ? undefined : await forkTo(before, runnable, from);
    if (!fork) await this.#saver.deleteThread(id);
    return this.#locked(id, async ({ row, change, transaction }) => {
      requireEnd(row);
      await this.#queue.send(transaction, id, row);
      return change({ ...goingOn, output: null, epoch: row.epoch + 1, fork: fork ?? null }, [
        { type: "run-retry", ...(from === undefined ? {} : { from }) },
      ]);
    });
  }

  /**
   * Deletes a run that has ended, with its events and checkpoints.
   *
   * @throws {RunStateError} where it has not ended
   */
  async delete(id: string): Promise<void> {
    requireEnd(await this.#row(id));
    await this.#saver.deleteThread(id);
    await this.#locked(id, async ({ row, transaction }) => {
      requireEnd(row);
      await this.#store.delete(transaction.query, [id]);
      return row;
    });
  }

  /**
   * Starts a pipeline again and again, at the times of a cron expression; a schedule of the same key is
   * replaced.
   */
  schedule(options: ScheduleOptions): Promise<Schedule> {
    const input = this.#validInput(options.pipeline, options.input);
    return this.#schedules.set({ ...options, input });
  }

  unschedule(key: string): Promise<void> {
    return this.#schedules.remove(key);
  }

  schedules(): Promise<readonly Schedule[]> {
    return this.#schedules.list();
  }

  /**
   * Begins to take runs from the queue, in this process.
   *
   * @throws {SettingsError} where the settings for the models are missing or wrong
   */
  async work(options: WorkerOptions = {}): Promise<Worker> {
    void this.orchestra;
    this.#housekeeper ??= new Housekeeper({
      store: this.#store,
      saver: this.#saver,
      database: this.database,
      schedules: this.#schedules,
      keptMs: this.settings.retentionDays * 86_400_000,
      onError: this.#troubles.report,
    });
    const worker = new Worker(
      {
        database: this.database,
        store: this.#store,
        queue: this.#queue,
        pipelines: this.#pipelines,
        worker: options.name ?? `${hostname()}:${process.pid}`,
        maxCrashes: this.#options.maxCrashes ?? 3,
        redact: (text) => this.#redact(text),
        controlChannel: controlChannel(this.database),
        onError: this.#troubles.report,
      },
      options,
    );
    this.#workers.add(worker);
    return worker;
  }

  /** Drains its workers, and closes the database if it opened it. */
  async close(): Promise<void> {
    await Promise.all([...this.#workers].map((worker) => worker.drain()));
    await this.#settled();
    await this.#shared?.[Symbol.asyncDispose]();
    await this.#housekeeper?.[Symbol.asyncDispose]();
    await this.#queue.close();
    await this.#news[Symbol.asyncDispose]();
    if (!this.#options.database) await this.database.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** What requests cost that were cut off is found out a moment later; it is waited for, for a while. */
  async #settled(): Promise<void> {
    const tooLong = AbortSignal.timeout(longestSettlingMs);
    const { promise, resolve } = Promise.withResolvers<void>();
    tooLong.addEventListener("abort", () => resolve(), { once: true });
    await Promise.race([this.#shared?.orchestra.settled(), promise]);
  }

  async #row(id: string, signal?: AbortSignal): Promise<RunRow> {
    const row = await outlastOutages(() => this.#store.find(id), { signal });
    if (!row) throw new RunNotFoundError(id);
    return row;
  }

  async #locked(id: string, work: (run: LockedRun) => Promise<RunRow>): Promise<Run> {
    const row = await this.#store.locked(id, work);
    if (!row) throw new RunNotFoundError(id);
    return toRun(row);
  }

  #validInput(pipeline: string, input: unknown): unknown {
    const { input: schema } = this.#pipelines.get(pipeline);
    const parsed = schema?.safeParse(input);
    if (parsed && !parsed.success) {
      throw new PipelineInputError(pipeline, z.prettifyError(parsed.error));
    }
    try {
      const text = JSON.stringify(parsed ? parsed.data : input) as string | undefined;
      if (text !== undefined) return JSON.parse(text) as unknown;
    } catch (error) {
      throw new PipelineInputError(pipeline, (error as Error).message);
    }
    throw new PipelineInputError(pipeline, "JSON cannot hold it");
  }

  async #startedBefore(
    id: string,
    pipeline: string,
    input: unknown,
    key: string | undefined,
  ): Promise<Run> {
    const row = key === undefined ? undefined : await this.#store.findByKey(pipeline, key);
    if (!row) throw new RunStateError(`There is a run ${id} already`, (await this.#row(id)).status);
    if (!isDeepStrictEqual(row.input, input)) throw new IdempotencyError(key ?? "", row.id);
    return toRun(row);
  }
}

/**
 * Opens the runtime on its database, and migrates that.
 *
 * @throws {SettingsError} for settings that are wrong
 * @throws {DatabaseError} where the database cannot be opened
 */
export async function openRuntime(options: RuntimeOptions): Promise<Runtime> {
  const settings = resolveRuntimeSettings(options.settings, options.environment);
  const database = options.database ?? (await openDatabase(databaseOptions(settings)));
  const logger = options.orchestra?.logger;
  const log = (error: unknown) => void logger?.warn("runtime", { error });
  const troubles = new Troubles(options.onError ?? log);
  try {
    const saver = await DurableSaver.open(database);
    const queue = await RunQueue.open({ database, onError: troubles.report });
    return new Runtime(options, { settings, database, queue, saver, troubles });
  } catch (error) {
    if (!options.database) await database.close();
    throw error;
  }
}

function databaseOptions(settings: RuntimeSettings): OpenDatabaseOptions {
  return {
    url: settings.databaseUrl,
    home: settings.home,
    backend: settings.databaseBackend,
    schema: settings.databaseSchema,
    maxConnections: settings.databaseConnections,
  };
}

const longestSettlingMs = 5000;

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

function controlChannel({ schema }: Database): string {
  return `${schema}_control`;
}

/** Whether a worker has it, or had it last and is gone. */
function isHeld({ status, waiting }: RunRow): boolean {
  return status === "running" || waiting?.for === "rate-limit";
}

function isApproval(request: unknown): boolean {
  return (request as { type?: unknown } | null)?.type === "approval";
}

function requireEnd(row: RunRow): void {
  if (hasEnded(row)) return;
  throw new RunStateError(`Run ${row.id} is ${row.status}; cancel it first`, row.status);
}

function ended({ id, status }: RunRow, verb: string): RunStateError {
  return new RunStateError(`Run ${id} has ${status} and cannot be ${verb} any more`, status);
}

function validDeadline(deadline: Date): number {
  const at = deadline.getTime();
  if (Number.isNaN(at)) throw new RangeError("deadline is no date");
  return at;
}
