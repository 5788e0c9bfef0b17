import type { Gateway } from "@orchestra/core";
import { checkInput, schemas, type artifacts } from "@orchestra/core/extend";
import type { ApprovalDecision } from "@orchestra/core/pipelines";
import * as valid from "./runtime-arguments.ts";
import type { RunArtifact } from "./artifacts/index.ts";
import type { RunComparison } from "./reading/compare-runs.ts";
import type { Database } from "./database/index.ts";
import type { FollowOptions, RunEvent } from "./events/index.ts";
import type { RunExport } from "./reading/export-run.ts";
import type { ForkOptions } from "./control/fork-control.ts";
import type { ApiKeys } from "./keys/index.ts";
import type { ResumeOptions, RetryOptions } from "./control/run-control.ts";
import {
  countByStatus,
  countLoad,
  listRunIds,
  listRuns,
  type ListIdsOptions,
  type ListRunsOptions,
  type QueueLoad,
  type Run,
  type RunPage,
  type RunStatus,
} from "./runs/index.ts";
import type {
  DecideOptions,
  DecisionDetails,
  GetOptions,
  RuntimeOptions,
} from "./runtime-options.ts";
import { createParts, type OpenedParts, type RuntimeParts } from "./runtime-parts.ts";
import type { RuntimeSettings } from "./runtime-settings.ts";
import type { Schedule, ScheduleOptions } from "./control/schedules.ts";
import type { StartOptions } from "./control/start-run.ts";
import { sumUsage, type UsageLine, type UsageOptions } from "./usage/index.ts";
import { noteWait } from "./worker/awaited-runs.ts";
import type { Worker, WorkerOptions } from "./worker/worker.ts";

/**
 * Durable runs of pipelines. A run is stored in the database from its start to its end. After a crash
 * it continues on any worker, and stored answers are not requested again.
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
  /** The keys of a server's clients. */
  readonly keys: ApiKeys;
  readonly #opened: RuntimeParts;
  readonly #closesDatabase: boolean;
  #closing: Promise<void> | undefined;

  /** @internal Use {@link openRuntime}. */
  constructor(options: RuntimeOptions, opened: OpenedParts) {
    this.#opened = createParts(options, opened);
    this.#closesDatabase = options.database === undefined;
    this.database = opened.database;
    this.settings = opened.settings;
    this.keys = this.#opened.keys;
  }

  /** @throws {RuntimeClosedError} */
  get #parts(): RuntimeParts {
    this.#opened.closed.throwIfAborted();
    return this.#opened;
  }

  /**
   * Makes the calls of the pipelines. All processes on the database share its rate limits and budgets.
   * `new Orchestra(runtime.gateway)` has models and agents on it.
   *
   * @throws {SettingsError} if settings are missing or wrong
   */
  get gateway(): Gateway {
    return this.#opened.gateway();
  }

  /**
   * Starts a run. It is in the database when this resolves; a worker executes it.
   *
   * @throws {UnknownPipelineError} {@link ArgumentError} {@link IdempotencyError}
   * @throws {TypeError} for invalid options; every method throws it for a wrong argument
   */
  async start(pipeline: string, input: unknown, options: StartOptions = {}): Promise<Run> {
    checkInput(valid.startOptions, options, "start()");
    return this.#parts.control.start(pipeline, input, options);
  }

  /** @throws {RunNotFoundError} */
  async get(id: string, options: GetOptions = {}): Promise<Run> {
    checkId(id, "get()");
    checkInput(valid.getOptions, options, "get()");
    const { reader } = this.#parts;
    return options.waitsForDatabase === false ? reader.find(id) : reader.get(id);
  }

  /**
   * Runs, the newest first, page by page.
   *
   * @throws {ArgumentError} for an `after` that is not a cursor
   */
  async list(options: ListRunsOptions = {}): Promise<RunPage> {
    checkInput(valid.listOptions, options, "list()");
    return listRuns(this.#parts.database, options);
  }

  /** Ids of runs, the newest first. Their inputs and outputs, which may be large, are not read. */
  async listIds(options: ListIdsOptions = {}): Promise<readonly string[]> {
    checkInput(valid.listIdsOptions, options, "listIds()");
    return listRunIds(this.#parts.database, options);
  }

  /**
   * A run's events after a number or a cursor: the stored events, then new ones until the run ends, with the
   * pieces of answers as they arrive. Stored events are numbered without gaps. The arguments are checked at
   * once; the database is read when the first event is requested.
   *
   * @throws {RunNotFoundError} when the first event is requested
   * @throws {ArgumentError} for an `after` that is not a cursor
   */
  events(id: string, options: FollowOptions = {}): AsyncGenerator<RunEvent, void> {
    checkId(id, "events()");
    checkInput(valid.followOptions, options, "events()");
    return this.#parts.reader.events(id, options);
  }

  /**
   * Resolves when a run has ended. A run that calls it in a step lends its slot of the worker to the run that it
   * waits for.
   *
   * @throws {RunNotFoundError}
   * @throws the signal's reason
   */
  async wait(id: string, options: { readonly signal?: AbortSignal } = {}): Promise<Run> {
    checkId(id, "wait()");
    checkInput(valid.waitOptions, options, "wait()");
    using _ = noteWait(id);
    return await this.#parts.reader.wait(id, options.signal);
  }

  /**
   * Cancels a run. If a worker executes it, the worker stops it a moment later.
   *
   * @throws {RunStateError} if it has ended in another way
   */
  async cancel(id: string, reason = "no reason given"): Promise<Run> {
    checkId(id, "cancel()");
    checkInput(schemas.reason, reason, "cancel()", "reason");
    return this.#parts.control.cancel(id, reason);
  }

  /**
   * Answers an interrupt that a run waits for. When all of its open interrupts are answered, the run continues on any
   * worker.
   *
   * @param decision - For an approval an {@link ApprovalDecision}; for an `interrupt()` of your own,
   * the value that it returns.
   * @param options - `interrupt` is the id of one in `run.waiting.interrupts`; needed if several are open.
   * @throws {RunStateError} if it does not wait for the decision, or already has it
   * @throws {ArgumentError} for a decision that is not valid for an approval
   */
  async decide(id: string, decision: unknown, options: DecideOptions = {}): Promise<Run> {
    checkId(id, "decide()");
    checkInput(valid.decideOptions, options, "decide()");
    return this.#parts.control.decide(id, decision, options);
  }

  /**
   * Approves the review: the executor runs.
   *
   * @throws {RunStateError} if the run does not wait for an approval. For an `interrupt()` of your own, use {@link decide}.
   */
  approve(id: string, details: DecisionDetails<"approve"> = {}): Promise<Run> {
    return this.#decideApproval(id, "approve", details);
  }

  /**
   * Ends the run as rejected.
   *
   * @throws {RunStateError} if the run does not wait for an approval
   */
  reject(id: string, details: DecisionDetails<"reject"> = {}): Promise<Run> {
    return this.#decideApproval(id, "reject", details);
  }

  /**
   * Changes the review before the executor gets it.
   *
   * @throws {RunStateError} if the run does not wait for an approval
   */
  edit(id: string, details: DecisionDetails<"edit">): Promise<Run> {
    return this.#decideApproval(id, "edit", details);
  }

  async #decideApproval<Kind extends ApprovalDecision["decision"]>(
    id: string,
    decision: Kind,
    { interrupt, ...details }: DecisionDetails<Kind>,
  ): Promise<Run> {
    checkId(id, `${decision}()`);
    checkInput(valid.decideOptions, { interrupt }, `${decision}()`);
    const options = { interrupt, isApproval: true };
    return this.#parts.control.decide(id, { decision, ...details }, options);
  }

  /**
   * Continues a run that failed, was cancelled, or waits for the day's quota. It continues from its last
   * checkpoint, with the stored answers.
   *
   * @throws {RunStateError} for a run in another state, or whose deadline has passed
   */
  async resume(id: string, options: ResumeOptions = {}): Promise<Run> {
    checkId(id, "resume()");
    checkInput(valid.resumeOptions, options, "resume()");
    return this.#parts.control.resume(id, options);
  }

  /**
   * Repeats a run that has ended, from a step or from its beginning. Repeated calls are paid for again.
   *
   * @throws {RunStateError} if it has not ended, did not reach the step, or its deadline has passed
   */
  async retry(id: string, options: RetryOptions = {}): Promise<Run> {
    checkId(id, "retry()");
    checkInput(valid.retryOptions, options, "retry()");
    return this.#parts.control.retry(id, options);
  }

  /**
   * Starts a new run that continues from another one, which does not change. Reused results cost nothing.
   *
   * Without `from` it starts at the beginning, in the current version of the pipeline: calls with the same
   * requests get the answers in the journal of the other run; only other calls are made and paid.
   * With `from` the graph continues just before that step or call, in the version of the other run: earlier
   * steps do not run again, even with another input or other models; the step and all later ones do, and are paid for.
   *
   * The fork does not take over open questions of the other run, and decisions that it got after `from`: it
   * asks again. It has its own budget and deadline.
   *
   * @throws {RunNotFoundError}
   * @throws {RunStateError} if the run is queued or executed, or did not reach the step or the call
   * @throws {ArgumentError} for an unknown role, and for an input that the pipeline refuses
   */
  async fork(id: string, options: ForkOptions = {}): Promise<Run> {
    checkId(id, "fork()");
    checkInput(valid.forkOptions, options, "fork()");
    return this.#parts.forks.fork(id, options);
  }

  /**
   * The journal of a run as JSON, without secrets: `replayJournal()` of `@orchestra/core/testing` replays
   * it in a test.
   *
   * @throws {RunNotFoundError}
   */
  async export(id: string): Promise<RunExport> {
    checkId(id, "export()");
    return this.#parts.reader.export(id);
  }

  /**
   * The files that a run has written into its folder, by their names; none if its folder is not on this
   * machine.
   *
   * @throws {RunNotFoundError}
   * @throws {ArtifactsFolderError} if the folder of the artifacts cannot be read
   */
  async artifacts(id: string): Promise<readonly RunArtifact[]> {
    checkId(id, "artifacts()");
    return this.#parts.reader.artifacts(id);
  }

  /**
   * Opens a file that a run has written, to read it. The caller closes its `handle`.
   *
   * @param name - As {@link artifacts} lists it.
   * @returns `undefined` if the file does not exist on this machine
   * @throws {RunNotFoundError}
   * @throws {ArtifactError} for an invalid name, such as a path that leads out of the folder
   * @throws {ArtifactsFolderError} if the folder of the artifacts cannot be read
   */
  async openArtifact(id: string, name: string): Promise<artifacts.OpenedArtifact | undefined> {
    checkId(id, "openArtifact()");
    checkInput(valid.artifactName, name, "openArtifact()", "name");
    return this.#parts.reader.openArtifact(id, name);
  }

  /**
   * Two runs step by step: the usage and the answer of each step in both, including steps that a fork has
   * reused.
   *
   * @throws {RunNotFoundError}
   */
  async compare(a: string, b: string): Promise<RunComparison> {
    checkInput(valid.runId, a, "compare()", "a");
    checkInput(valid.runId, b, "compare()", "b");
    return this.#parts.reader.compare(a, b);
  }

  /**
   * Deletes a run that has ended, with its events, checkpoints and artifacts.
   *
   * @throws {RunStateError} if it has not ended
   * @throws {ArtifactsFolderError} if the folder of the artifacts cannot be changed; then nothing is deleted
   */
  async delete(id: string): Promise<void> {
    checkId(id, "delete()");
    return this.#parts.control.delete(id);
  }

  /**
   * Starts a pipeline at the times of a cron expression. Replaces a schedule with the same key.
   *
   * @throws {UnknownPipelineError} {@link ArgumentError}
   * @throws {RangeError} for an invalid cron expression or time zone
   */
  async schedule(options: ScheduleOptions): Promise<Schedule> {
    checkInput(valid.scheduleOptions, options, "schedule()");
    return this.#parts.schedules.set(options);
  }

  async unschedule(key: string): Promise<void> {
    checkInput(valid.scheduleKey, key, "unschedule()", "key");
    return this.#parts.schedules.remove(key);
  }

  async schedules(): Promise<readonly Schedule[]> {
    return this.#parts.schedules.list();
  }

  /**
   * The usage since a day. By day, role, model, key and user it sums up all calls of {@link gateway} in
   * all processes on the database, also those outside of runs; a process writes a call about a second after
   * its end. By pipeline and status it sums up the runs in the database.
   */
  async usage(options: UsageOptions): Promise<readonly UsageLine[]> {
    checkInput(valid.usageOptions, options, "usage()");
    return sumUsage(this.#parts.database, options);
  }

  /** How many runs wait, and how many workers there are. One query, which is not repeated when it fails. */
  async load(): Promise<QueueLoad> {
    return countLoad(this.#parts.database);
  }

  /** How many runs with each status the database has. */
  async countByStatus(): Promise<Readonly<Record<RunStatus, number>>> {
    return countByStatus(this.#parts.database);
  }

  /**
   * Starts a worker in this process: it takes runs from the queue.
   *
   * @throws {SettingsError} if settings of the models are missing or wrong
   */
  async work(options: WorkerOptions = {}): Promise<Worker> {
    checkInput(valid.workerOptions, options, "work()");
    return this.#parts.workers.start(options, this.gateway.logger);
  }

  /**
   * Drains its workers, and closes the database if the runtime opened it. Then all methods throw a
   * {@link RuntimeClosedError}, also those that wait; `work` throws it at once.
   *
   * While the database is not available, it waits for it to put back runs that have not ended. A process that has to
   * end can exit without it: other workers continue these runs when the leases have expired.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    await this.#opened.close();
    if (this.#closesDatabase) await this.database.close();
  }
}

function checkId(id: string, where: string): void {
  checkInput(valid.runId, id, where, "id");
}
