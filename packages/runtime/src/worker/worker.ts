import {
  outlastOutages,
  quoted,
  waitToClose,
  type Database,
  type Subscription,
} from "../database/index.ts";
import { Latch } from "../background/latch.ts";
import type { Lease } from "../queue/run-queue.ts";
import { Execution, type ExecutionServices } from "./execution.ts";
import { Heartbeat } from "./heartbeat.ts";
import { OutageLog } from "./outage-log.ts";
import type { WorkerHealth } from "./worker-health.ts";
import { Presence } from "./presence.ts";

export interface WorkerOptions {
  /** Maximum runs at one time. @defaultValue `8` */
  readonly concurrency?: number | undefined;
  /** Time for runs in progress to end when the worker drains, in milliseconds. @defaultValue `30_000` */
  readonly graceMs?: number | undefined;
  /** Name in events and in the log. @defaultValue the host's name and the process's number */
  readonly name?: string | undefined;
  /** Ids of the only runs that it takes, with those that they wait for; all others stay in the queue. @defaultValue any run of its pipelines */
  readonly runs?: readonly string[] | undefined;
  /** Called with the first error of each outage of the database; runs wait for its end. @defaultValue it is only logged */
  readonly onOutage?: ((error: unknown) => void) | undefined;
}

export interface WorkerServices extends Omit<ExecutionServices, "outages" | "onWait"> {
  /** Channel of the ids of runs to cancel. */
  readonly controlChannel: string;
  /** Called when the worker has drained. */
  readonly onDrained: () => void;
}

/** How often it polls for runs. If notifications arrive, the housekeeper of its runtime polls as well. */
const pollMs = { notified: 10_000, unnotified: 1000 };
const defaultConcurrency = 8;
const defaultGraceMs = 30_000;

/** Takes runs from the queue and executes them, until it is drained. */
export class Worker implements AsyncDisposable {
  readonly name: string;
  readonly #concurrency: number;
  readonly #graceMs: number;
  readonly #runIds: readonly string[] | undefined;
  readonly #services: WorkerServices;
  readonly #executions = new Map<string, Execution>();
  readonly #stopping = new AbortController();
  readonly #latch = new Latch();
  readonly #subscriptions: Subscription[];
  readonly #outages: OutageLog;
  readonly #heartbeat: Heartbeat;
  readonly #presence: Presence;
  readonly #loop: Promise<void>;
  readonly #startedAt = new Date();
  #drainingSince: Date | undefined;
  #takesNoMore = false;
  #isCheckingCancelled = false;
  #drained: Promise<void> | undefined;

  constructor(services: WorkerServices, options: WorkerOptions) {
    const { concurrency = defaultConcurrency, graceMs = defaultGraceMs } = options;
    this.name = services.worker;
    this.#services = services;
    this.#concurrency = concurrency;
    this.#graceMs = graceMs;
    this.#runIds = options.runs;
    const { database, queue, controlChannel } = services;
    const wake = () => this.wake();
    this.#subscriptions = [
      database.listen(queue.channel, wake, wake),
      database.listen(
        controlChannel,
        (runId) => void this.#stopCancelled([runId]),
        () => void this.#stopCancelled(),
      ),
    ];
    // Earlier notifications were not received. If it cannot listen, it polls.
    const onNotListening = (error: unknown) => {
      if (!this.#stopping.signal.aborted) services.onError(error);
    };
    for (const { begun } of this.#subscriptions) begun.then(wake, onNotListening);
    // A worker of named runs takes no other runs of its pipelines.
    const shown = options.runs ? [] : services.pipelines.keys;
    this.#presence = new Presence(database, this.name, shown);
    void this.#show();
    this.#outages = new OutageLog(services.logger, options.onOutage);
    this.#heartbeat = new Heartbeat({
      database,
      queue,
      leases: () => [...this.#executions.values()].map(({ lease }) => lease),
      onBeat: () => {
        this.#outages.end("heartbeat");
        void this.#show();
        void this.#stopAllCancelled();
      },
      onLost: (lease) => this.#lose(lease),
      onOutage: (error) => this.#outages.begin("heartbeat", error),
      onError: services.onError,
    });
    this.#loop = this.#work();
  }

  /** Runs that it executes now. */
  get active(): number {
    return this.#executions.size;
  }

  /** Its state, and the reason why it waits: for probes. */
  get health(): WorkerHealth {
    const outage = this.#outages.current;
    const since = this.#drainingSince ?? outage?.since ?? this.#outages.endedAt ?? this.#startedAt;
    return {
      state: this.#drainingSince ? "draining" : outage ? "waiting" : "working",
      since: since.toISOString(),
      ...(outage && { reason: outage.reason }),
      activeRuns: this.active,
      ...(this.#heartbeat.lastAt && { lastHeartbeatAt: this.#heartbeat.lastAt.toISOString() }),
    };
  }

  /** Makes it poll for runs now. */
  wake(): void {
    this.#latch.wake();
  }

  /**
   * Stops taking runs, waits for those in progress for at most the grace time, and hands back
   * the others.
   */
  drain(): Promise<void> {
    this.#drained ??= this.#drain();
    return this.#drained;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.drain();
  }

  async #drain(): Promise<void> {
    this.#drainingSince = new Date();
    this.#stopping.abort();
    this.#latch.wake();
    await waitToClose(this.#loop);
    this.#takesNoMore = true;
    const executions = [...this.#executions.values()];
    const allDone = Promise.all(executions.map(({ done }) => done));
    const timer = setTimeout(() => {
      for (const execution of executions) execution.stop({ kind: "handed-back" });
    }, this.#graceMs);
    try {
      await allDone;
    } finally {
      clearTimeout(timer);
      await waitToClose(this.#leave());
      this.#services.onDrained();
    }
  }

  async #leave(): Promise<void> {
    await this.#heartbeat[Symbol.asyncDispose]();
    this.#outages[Symbol.dispose]();
    // A worker that cannot report is forgotten after a while.
    await this.#presence.end().catch(() => undefined);
    for (const subscription of this.#subscriptions) await subscription[Symbol.asyncDispose]();
  }

  async #work(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const free = this.#concurrency - this.#executions.size;
      const leases = free > 0 ? await this.#take(free) : [];
      // The database did not answer in time: other workers take these runs when their leases expire.
      if (this.#takesNoMore) return;
      for (const lease of leases) this.#execute(lease);
      await this.#takeAwaited();
      // If as many runs as possible were claimed, there may be more.
      if (free > 0 && leases.length === free) continue;
      const { receivesNotifications } = this.#services.database;
      await this.#latch.next(receivesNotifications ? pollMs.notified : pollMs.unnotified, signal);
    }
  }

  /**
   * Takes runs that its own runs wait for. Each run that waits lends its slot to one of them: otherwise runs that
   * wait could occupy all slots, and those that they wait for would never begin.
   */
  async #takeAwaited(): Promise<void> {
    const executions = [...this.#executions.values()];
    const waiting = executions.filter(({ awaited }) => awaited.ids.length > 0);
    const lent = this.#concurrency + waiting.length - executions.length;
    if (waiting.length === 0 || lent <= 0) return;
    const awaited = waiting.flatMap(({ awaited: { ids } }) => ids);
    const leases = await this.#take(lent, awaited);
    if (this.#takesNoMore) return;
    for (const lease of leases) this.#execute(lease);
  }

  async #take(most: number, runIds = this.#runIds): Promise<Lease[]> {
    const { signal } = this.#stopping;
    const { queue, onError } = this.#services;
    try {
      const onOutage = (error: unknown) => this.#outages.begin("queue", error);
      const leases = await outlastOutages(() => queue.take(most, runIds), {
        signal,
        onOutage,
      });
      this.#outages.end("queue");
      return leases;
    } catch (error) {
      if (signal.aborted) return [];
      // Its tables or privileges may be missing: an operator can repair this.
      this.#outages.begin("queue", error);
      onError(error);
      return [];
    }
  }

  #execute(lease: Lease): void {
    // Its lease expired, and this worker took the run again: the earlier execution has lost it.
    const before = this.#executions.get(lease.runId);
    before?.stop({ kind: "lost" });
    const execution = new Execution(lease, {
      ...this.#services,
      outages: this.#outages,
      onWait: () => this.wake(),
    });
    this.#executions.set(lease.runId, execution);
    void execution.done.catch(this.#services.onError).finally(() => {
      const wasFull = this.#executions.size >= this.#concurrency;
      if (this.#executions.get(lease.runId) === execution) this.#executions.delete(lease.runId);
      // Otherwise it was notified of each change.
      if (wasFull) this.#latch.wake();
    });
  }

  /** Another worker has the run, or may take it. This one must not write further results. */
  #lose(lease: Lease): void {
    const execution = this.#executions.get(lease.runId);
    if (execution?.lease === lease) execution.stop({ kind: "lost" });
  }

  async #show(): Promise<void> {
    await this.#presence.show().catch(this.#services.onError);
  }

  /** Checks for cancelled runs of which it was not notified. One check at a time: each may wait for the database. */
  async #stopAllCancelled(): Promise<void> {
    if (this.#isCheckingCancelled) return;
    this.#isCheckingCancelled = true;
    await this.#stopCancelled();
    this.#isCheckingCancelled = false;
  }

  /** Stops the runs that were cancelled. */
  async #stopCancelled(runIds: readonly string[] = [...this.#executions.keys()]): Promise<void> {
    const mine = runIds.filter((runId) => this.#executions.has(runId));
    if (mine.length === 0) return;
    const cancelled = await cancelledAmong(this.#services.database, mine).catch(() => []);
    for (const { id, cancel_reason: reason } of cancelled) {
      this.#executions.get(id)?.stop({ kind: "cancelled", reason });
    }
  }
}

function cancelledAmong({ query, schema }: Database, runIds: readonly string[]) {
  return query<{ id: string; cancel_reason: string }>(
    `SELECT id, cancel_reason FROM ${quoted(schema)}.runs
     WHERE id = ANY($1) AND cancel_reason IS NOT NULL AND ended_at IS NULL`,
    [runIds],
  );
}
