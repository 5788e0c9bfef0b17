import { join } from "node:path";
import { createRedactor, inspectSettings, Orchestra, SettingsError } from "@orchestra/core";
import { checkInput, keyless, type artifacts } from "@orchestra/core/extend";
import type { ApprovalDecision } from "@orchestra/core/pipelines";
import * as valid from "./arguments.ts";
import { RunArtifacts, type RunArtifact } from "./artifacts/index.ts";
import { compareRuns, type RunComparison } from "./compare-runs.ts";
import { loadSaver } from "./checkpoints/index.ts";
import { outlastOutages, type Database } from "./database/index.ts";
import { RunNotFoundError } from "./errors/index.ts";
import {
  EventStore,
  follow,
  LiveLane,
  News,
  type Announcer,
  type FollowOptions,
  type RunEvent,
} from "./events/index.ts";
import { PipelineRegistry, validInput } from "./pipelines/index.ts";
import { ApiKeys } from "./keys/index.ts";
import type { RunQueue } from "./queue/run-queue.ts";
import { exportRun, type RunExport } from "./export-run.ts";
import { ForkControl, type ForkOptions } from "./fork-control.ts";
import {
  controlChannel,
  RunControl,
  type ResumeOptions,
  type RetryOptions,
} from "./run-control.ts";
import {
  hasEnded,
  RunStore,
  countByStatus,
  countLoad,
  listRuns,
  toRun,
  type ListRunsOptions,
  type QueueLoad,
  type Run,
  type RunPage,
  type RunRow,
  type RunStatus,
} from "./runs/index.ts";
import type { DecideOptions, RuntimeOptions } from "./runtime-options.ts";
import type { StartOptions } from "./start-run.ts";
import type { RuntimeSettings } from "./runtime-settings.ts";
import { Schedules, type Schedule, type ScheduleOptions } from "./schedules.ts";
import { SharedOrchestra } from "./shared-orchestra.ts";
import type { Troubles } from "./troubles.ts";
import type { Worker, WorkerOptions } from "./worker/worker.ts";
import { sumUsage, type UsageLine, type UsageOptions } from "./usage/index.ts";
import { Workers } from "./workers.ts";

/**
 * Durable runs of pipelines. A run is stored in the database from its start to its end. After a crash
 * it continues on any worker, and no answer is paid twice.
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
  readonly #options: RuntimeOptions;
  readonly #events: EventStore;
  readonly #store: RunStore;
  readonly #news: News;
  readonly #queue: RunQueue;
  readonly #announcer: Announcer;
  readonly #live: LiveLane;
  readonly #pipelines: PipelineRegistry;
  readonly #schedules: Schedules;
  readonly #control: RunControl;
  readonly #forks: ForkControl;
  readonly #artifacts: RunArtifacts;
  readonly #troubles: Troubles;
  readonly #workers: Workers;
  #shared: SharedOrchestra | undefined;

  /** @internal Use {@link openRuntime}. */
  constructor(
    options: RuntimeOptions,
    parts: {
      readonly settings: RuntimeSettings;
      readonly database: Database;
      readonly queue: RunQueue;
      readonly announcer: Announcer;
      readonly troubles: Troubles;
    },
  ) {
    const { database, queue, announcer, settings, troubles } = parts;
    this.#options = options;
    this.database = database;
    this.keys = new ApiKeys(database);
    this.settings = settings;
    this.#queue = queue;
    this.#announcer = announcer;
    this.#troubles = troubles;
    // Secrets are removed from what is stored, also in a process that has no `Orchestra`.
    const { orchestra, environment } = options;
    const { settings: models, problems } = inspectSettings(orchestra?.settings, environment);
    const redact = createRedactor(models);
    this.#events = new EventStore(database, redact);
    this.#store = new RunStore(database, this.#events, announcer);
    this.#live = new LiveLane({ database, announcer, redact });
    this.#news = new News(database, this.#events.channel);
    this.#artifacts = new RunArtifacts(settings.artifactsDir ?? join(settings.home, "artifacts"));
    const checkpointer = () => loadSaver(database);
    this.#pipelines = new PipelineRegistry(options.pipelines, {
      checkpointer,
      orchestra: () => this.orchestra,
    });
    // The steps of a run are those of its graph, which is also made in a process without a key.
    const pipelines = keyless.lacksOnlyKey(problems)
      ? new PipelineRegistry(options.pipelines, {
          checkpointer,
          orchestra: () => {
            const all = { ...orchestra, ...(environment ? { environment } : {}) };
            return new Orchestra(
              withoutKey(all, () => Promise.reject(new SettingsError(problems))),
            );
          },
        })
      : this.#pipelines;
    this.#control = new RunControl({
      database,
      queue,
      store: this.#store,
      artifacts: this.#artifacts,
      pipelines,
      redact,
      maxPayloadBytes: settings.maxPayloadBytes,
    });
    this.#forks = new ForkControl({
      database,
      queue,
      store: this.#store,
      pipelines,
      maxPayloadBytes: settings.maxPayloadBytes,
    });
    this.#schedules = new Schedules(queue, (name, input, start) => this.start(name, input, start));
    this.#workers = new Workers({
      database,
      queue,
      redact,
      store: this.#store,
      live: this.#live,
      keys: this.keys,
      artifacts: this.#artifacts,
      pipelines: this.#pipelines,
      schedules: this.#schedules,
      maxCrashes: options.maxCrashes ?? 3,
      maxPayloadBytes: settings.maxPayloadBytes,
      keptMs: settings.retentionDays * 86_400_000,
      controlChannel: controlChannel(database),
      onError: troubles.report,
    });
  }

  /**
   * The `Orchestra` of the pipelines. Its rate limits and budgets are shared by all processes on the
   * database.
   *
   * @throws {SettingsError} if settings are missing or wrong
   */
  get orchestra(): Orchestra {
    if (this.#shared) return this.#shared.orchestra;
    const { orchestra: options, environment, limits } = this.#options;
    this.#shared = new SharedOrchestra({
      database: this.database,
      options,
      environment,
      windowMs: limits?.windowMs,
      onError: this.#troubles.report,
    });
    return this.#shared.orchestra;
  }

  /**
   * Starts a run. It is in the database when this resolves; a worker executes it.
   *
   * @throws {UnknownPipelineError} {@link ArgumentError} {@link IdempotencyError}
   * @throws {TypeError} for options that cannot work; as every method does for a wrong argument
   */
  async start(pipeline: string, input: unknown, options: StartOptions = {}): Promise<Run> {
    checkInput(valid.startOptions, options, "start()");
    return this.#control.start(pipeline, input, options);
  }

  /** @throws {RunNotFoundError} */
  async get(id: string): Promise<Run> {
    checkId(id, "get()");
    return toRun(await this.#row(id));
  }

  /**
   * Runs, the newest first, page by page.
   *
   * @throws {ArgumentError} for an `after` that is not a cursor
   */
  async list(options: ListRunsOptions = {}): Promise<RunPage> {
    checkInput(valid.listOptions, options, "list()");
    return listRuns(this.database, options);
  }

  /**
   * A run's events after a number or a cursor: the stored events, then new ones until the run ends, with the
   * pieces of answers as they arrive. Stored events are numbered without gaps.
   *
   * @throws {RunNotFoundError}
   * @throws {ArgumentError} for an `after` that is not a cursor
   */
  async *events(id: string, options: FollowOptions = {}): AsyncGenerator<RunEvent, void> {
    checkId(id, "events()");
    checkInput(valid.followOptions, options, "events()");
    await this.#row(id);
    yield* follow(id, this.#events, this.#news, options);
  }

  /** Resolves when a run has ended. */
  async wait(id: string, options: { readonly signal?: AbortSignal } = {}): Promise<Run> {
    checkId(id, "wait()");
    checkInput(valid.waitOptions, options, "wait()");
    const { signal } = options;
    using watch = this.#news.watch(id, "its end");
    for (;;) {
      const row = await this.#row(id, signal);
      if (hasEnded(row)) return toRun(row);
      await watch.next(this.#news.pollMs, signal);
      signal?.throwIfAborted();
    }
  }

  /**
   * Cancels a run. If a worker executes it, the worker stops it a moment later.
   *
   * @throws {RunStateError} if it has ended in another way
   */
  async cancel(id: string, reason = "no reason given"): Promise<Run> {
    checkId(id, "cancel()");
    checkInput(valid.reason, reason, "cancel()", "reason");
    return this.#control.cancel(id, reason);
  }

  /**
   * Answers what a run waits for. When all of its open interrupts are answered, the run continues on any
   * worker.
   *
   * @param decision - For an approval an {@link ApprovalDecision}; for an `interrupt()` of your own,
   * what it is to return.
   * @param options - `interrupt` is the id of one in `run.waiting.interrupts`; needed where several are open.
   * @throws {RunStateError} if it does not wait for the decision, or has it
   * @throws {ArgumentError} for a decision that an approval cannot take
   */
  async decide(id: string, decision: unknown, options: DecideOptions = {}): Promise<Run> {
    checkId(id, "decide()");
    checkInput(valid.decideOptions, options, "decide()");
    return this.#control.decide(id, decision, options.interrupt);
  }

  /** Approves the review: the executor runs. */
  approve(
    id: string,
    {
      interrupt,
      ...details
    }: DecideOptions & { readonly by?: string; readonly note?: string } = {},
  ): Promise<Run> {
    return this.decide(id, { decision: "approve", ...details }, { interrupt });
  }

  /** Ends the run as rejected. */
  reject(
    id: string,
    {
      interrupt,
      ...details
    }: DecideOptions & { readonly by?: string; readonly reason?: string } = {},
  ): Promise<Run> {
    return this.decide(id, { decision: "reject", ...details }, { interrupt });
  }

  /** Changes the review before the executor gets it. */
  edit(
    id: string,
    {
      interrupt,
      ...edit
    }: DecideOptions & Omit<ApprovalDecision & { decision: "edit" }, "decision">,
  ): Promise<Run> {
    return this.decide(id, { decision: "edit", ...edit }, { interrupt });
  }

  /**
   * Continues a run that failed, was cancelled, or waits for the day's quota: from its last checkpoint,
   * with the answers that it has.
   *
   * @throws {RunStateError} for a run in another state
   */
  async resume(id: string, options: ResumeOptions = {}): Promise<Run> {
    checkId(id, "resume()");
    checkInput(valid.resumeOptions, options, "resume()");
    return this.#control.resume(id, options);
  }

  /**
   * Repeats a run that has ended, from a step or from its beginning. Repeated calls are paid again.
   *
   * @throws {RunStateError} if it has not ended, or did not reach the step
   */
  async retry(id: string, options: RetryOptions = {}): Promise<Run> {
    checkId(id, "retry()");
    checkInput(valid.retryOptions, options, "retry()");
    return this.#control.retry(id, options);
  }

  /**
   * Starts a new run that continues from another one, which stays as it is. What it takes over costs nothing.
   *
   * Without `from` it starts at the beginning, in the current version of the pipeline: calls with the same
   * requests get the answers in the journal of the other run; only other calls are made and paid.
   * With `from` the graph continues just before that step or call, in the version of the other run: earlier
   * steps do not run again, whatever the input and the models; the step and all later ones do, and are paid.
   *
   * Open questions of the other run, and decisions that it got after `from`, are not taken over: the fork
   * asks again. It has its own budget and deadline.
   *
   * @throws {RunNotFoundError}
   * @throws {RunStateError} if the run is queued or executed, or did not reach the step or the call
   * @throws {ArgumentError} for a role that is not known, and for an input that the pipeline refuses
   */
  async fork(id: string, options: ForkOptions = {}): Promise<Run> {
    checkId(id, "fork()");
    checkInput(valid.forkOptions, options, "fork()");
    return this.#forks.fork(id, options);
  }

  /**
   * The journal of a run as JSON, without secrets: `replayJournal()` of `@orchestra/core/testing` replays
   * it in a test.
   *
   * @throws {RunNotFoundError}
   */
  async export(id: string): Promise<RunExport> {
    checkId(id, "export()");
    const row = await this.#row(id);
    const { orchestra, environment } = this.#options;
    // A process that executes no runs has no `Orchestra`, but it knows the keys.
    const redact = createRedactor(inspectSettings(orchestra?.settings, environment).settings);
    return exportRun(this.database, toRun(row), redact);
  }

  /**
   * The files that a run has written into its folder, by their names; none where its folder is not on this
   * machine.
   *
   * @throws {RunNotFoundError}
   */
  async artifacts(id: string): Promise<readonly RunArtifact[]> {
    checkId(id, "artifacts()");
    await this.#row(id);
    return this.#artifacts.list(id);
  }

  /**
   * Opens a file that a run has written, to read it. The caller closes its `handle`.
   *
   * @param name - As {@link artifacts} lists it.
   * @returns nothing where there is no such file on this machine
   * @throws {RunNotFoundError}
   * @throws {ArtifactError} for what is not the name of an artifact, such as a path that leads out of the folder
   */
  async openArtifact(id: string, name: string): Promise<artifacts.OpenedArtifact | undefined> {
    checkId(id, "openArtifact()");
    checkInput(valid.artifactName, name, "openArtifact()", "name");
    await this.#row(id);
    return this.#artifacts.open(id, name);
  }

  /**
   * Two runs step by step: what each step used in both, and its answer. The steps that a fork has taken over
   * are among them.
   *
   * @throws {RunNotFoundError}
   */
  async compare(a: string, b: string): Promise<RunComparison> {
    checkInput(valid.runId, a, "compare()", "a");
    checkInput(valid.runId, b, "compare()", "b");
    const [one, other] = [await this.#row(a), await this.#row(b)];
    return compareRuns(this.database, toRun(one), toRun(other));
  }

  /**
   * Deletes a run that has ended, with its events, checkpoints and artifacts.
   *
   * @throws {RunStateError} if it has not ended
   */
  async delete(id: string): Promise<void> {
    checkId(id, "delete()");
    return this.#control.delete(id);
  }

  /**
   * Starts a pipeline at the times of a cron expression. Replaces the schedule of the same key.
   */
  async schedule(options: ScheduleOptions): Promise<Schedule> {
    checkInput(valid.scheduleOptions, options, "schedule()");
    const input = validInput(
      this.#pipelines.current(options.pipeline),
      options.input,
      this.settings.maxPayloadBytes,
    );
    return this.#schedules.set({ ...options, input });
  }

  async unschedule(key: string): Promise<void> {
    checkInput(valid.scheduleKey, key, "unschedule()", "key");
    return this.#schedules.remove(key);
  }

  schedules(): Promise<readonly Schedule[]> {
    return this.#schedules.list();
  }

  /**
   * What was used since a day. By day, role, model, key and user it sums up all calls of {@link orchestra} in
   * all processes on the database, also those outside of runs; a process writes a call about a second after
   * its end. By pipeline and status it sums up the runs in the database.
   */
  async usage(options: UsageOptions): Promise<readonly UsageLine[]> {
    checkInput(valid.usageOptions, options, "usage()");
    return sumUsage(this.database, options);
  }

  /** How many runs wait, and how many workers there are. One query, which is not repeated when it fails. */
  load(): Promise<QueueLoad> {
    return countLoad(this.database);
  }

  /** How many runs the database has of each status. */
  countByStatus(): Promise<Readonly<Record<RunStatus, number>>> {
    return countByStatus(this.database);
  }

  /**
   * Starts a worker in this process: it takes runs from the queue.
   *
   * @throws {SettingsError} if settings of the models are missing or wrong
   */
  async work(options: WorkerOptions = {}): Promise<Worker> {
    checkInput(valid.workerOptions, options, "work()");
    return this.#workers.start(options, this.orchestra.logger);
  }

  /** Drains its workers, and closes the database if the runtime opened it. */
  async close(): Promise<void> {
    await this.#workers.drain();
    await this.#settled();
    await this.#shared?.[Symbol.asyncDispose]();
    await this.#workers[Symbol.asyncDispose]();
    await this.#queue.close();
    await this.#live[Symbol.asyncDispose]();
    await this.#announcer[Symbol.asyncDispose]();
    await this.#news[Symbol.asyncDispose]();
    if (!this.#options.database) await this.database.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Waits for the costs of requests that were cut off, which become known a moment later. */
  async #settled(): Promise<void> {
    const tooLong = AbortSignal.timeout(maxSettlingMs);
    const { promise, resolve } = Promise.withResolvers<void>();
    tooLong.addEventListener("abort", () => resolve(), { once: true });
    await Promise.race([this.#shared?.orchestra.flushCosts(), promise]);
  }

  async #row(id: string, signal?: AbortSignal): Promise<RunRow> {
    const row = await outlastOutages(() => this.#store.find(id), { signal });
    if (!row) throw new RunNotFoundError(id);
    return row;
  }
}

function checkId(id: string, where: string): void {
  checkInput(valid.runId, id, where, "id");
}

const maxSettlingMs = 5000;
