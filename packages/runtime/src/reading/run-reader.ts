import type { artifacts } from "@orchestra/core/extend";
import type { RunArtifact, RunArtifacts } from "../artifacts/index.ts";
import { compareRuns, type RunComparison } from "./compare-runs.ts";
import { readPatiently, type Database, type OutageOptions } from "../database/index.ts";
import { RunNotFoundError } from "../errors/index.ts";
import {
  follow,
  type EventStore,
  type FollowOptions,
  type EventNotifier,
  type RunEvent,
} from "../events/index.ts";
import { exportRun, type RunExport } from "./export-run.ts";
import { hasEnded, toRun, type Run, type RunRow, type RunStore } from "../runs/index.ts";

export interface RunReaderOptions {
  readonly database: Database;
  readonly store: RunStore;
  readonly events: EventStore;
  readonly notifier: EventNotifier;
  readonly artifacts: RunArtifacts;
  readonly redact: (text: string) => string;
  /** Aborted when the runtime is closed; all waiting calls throw its reason. */
  readonly closed: AbortSignal;
}

/** Reads runs. {@link Runtime} documents the methods. */
export class RunReader {
  readonly #options: RunReaderOptions;

  constructor(options: RunReaderOptions) {
    this.#options = options;
  }

  /**
   * @throws {RunNotFoundError} like all other methods
   * @throws the error of the driver while the database is not available
   */
  async find(id: string): Promise<Run> {
    return toRun(await this.#row(id));
  }

  /** Finds a run, and waits while the database is not available. */
  async get(id: string): Promise<Run> {
    return toRun(await this.#patientRow(id, { signal: this.#options.closed }));
  }

  async *events(id: string, options: FollowOptions): AsyncGenerator<RunEvent, void> {
    const { events, notifier, closed } = this.#options;
    const followed = { ...options, signal: this.#orClosed(options.signal) };
    try {
      const row = await this.#patientRow(id, followed);
      yield* follow(row, events, notifier, followed);
    } catch (error) {
      if (error !== followed.signal.reason) throw error;
    }
    if (!options.signal?.aborted) closed.throwIfAborted();
  }

  async wait(id: string, given: AbortSignal | undefined): Promise<Run> {
    const { notifier } = this.#options;
    const signal = this.#orClosed(given);
    using watch = notifier.watch(id, "its end");
    for (;;) {
      const run = toRun(await this.#patientRow(id, { signal }));
      if (hasEnded(run)) return run;
      await watch.next(notifier.pollMs, signal);
      signal.throwIfAborted();
    }
  }

  async export(id: string): Promise<RunExport> {
    const { database, redact } = this.#options;
    return exportRun(database, await this.find(id), redact);
  }

  async compare(a: string, b: string): Promise<RunComparison> {
    const [one, other] = [await this.find(a), await this.find(b)];
    return compareRuns(this.#options.database, one, other);
  }

  async artifacts(id: string): Promise<readonly RunArtifact[]> {
    await this.find(id);
    return this.#options.artifacts.list(id);
  }

  async openArtifact(id: string, name: string): Promise<artifacts.OpenedArtifact | undefined> {
    await this.find(id);
    return this.#options.artifacts.open(id, name);
  }

  #orClosed(signal: AbortSignal | undefined): AbortSignal {
    const { closed } = this.#options;
    return signal ? AbortSignal.any([signal, closed]) : closed;
  }

  #patientRow(id: string, options: OutageOptions): Promise<RunRow> {
    return readPatiently(() => this.#row(id), options);
  }

  async #row(id: string): Promise<RunRow> {
    const row = await this.#options.store.find(id);
    if (!row) throw new RunNotFoundError(id);
    return row;
  }
}
