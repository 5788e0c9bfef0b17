import type { OrchestraEvent } from "@orchestra/core";
import { outlastOutages } from "../database/index.ts";
import type { NewEvent } from "../events/index.ts";
import type { KeptEntry } from "../journal/index.ts";
import type { LockedRun, RunChanges, RunStore, Waiting } from "../runs/index.ts";
import { UsageOfEvents } from "./usage-of-events.ts";

export interface RecorderOptions {
  readonly store: RunStore;
  readonly runId: string;
  /** Number of the execution: once there is a later one, this one writes nothing any more. */
  readonly execution: number;
  /** Called when another worker has the run. */
  readonly onLost: () => void;
  /** Receives the outcome of events that are written in the background. */
  readonly onError: (error: unknown) => void;
}

/** How long events are gathered before they are written together, in milliseconds. */
const gatherMs = 40;
/** A shorter wait for the rate limit is not worth a status of its own. */
const shownWaitMs = 1000;

/**
 * Writes down what happens in one execution of a run: its events in their order, what its calls took,
 * and whether it waits for the rate limit.
 */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #usage = new UsageOfEvents();
  #events: NewEvent[] = [];
  #kept: KeptEntry[] = [];
  #progress = 0;
  /** `undefined` where it has not changed since it was written. */
  #waiting: Waiting | null | undefined;
  #isWaiting = false;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  /** How many writes have been made. */
  #writes = 0;
  #isOver = false;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** Takes an event of a call or an agent. */
  readonly hear = (event: OrchestraEvent): void => {
    this.#usage.hear(event);
    if (event.type === "call-end" && event.record.status === "succeeded") this.#progress += 1;
    if (event.type === "rate-limit-wait" && event.waitMs >= shownWaitMs) {
      this.#setWaiting({
        for: "rate-limit",
        until: new Date(Date.now() + event.waitMs).toISOString(),
      });
    }
    if (event.type === "attempt-start") this.#setWaiting(undefined);
    this.#add(event);
  };

  /** A step of the graph is done. */
  stepEnd(step: string): void {
    this.#progress += 1;
    this.#add({ type: "step-end", step });
  }

  /**
   * Keeps an answer, together with what it cost; resolves when both are in the database. It outlasts
   * one that is away: what was paid for is not lost.
   */
  async keep(entry: KeptEntry): Promise<void> {
    this.#kept.push(entry);
    await this.flush();
  }

  /**
   * Resolves when all that was heard is written, or another worker has the run.
   *
   * @throws what the database says, other than that it is away
   */
  flush(): Promise<void> {
    this.#stopTimer();
    return this.#next(() => this.#write());
  }

  /**
   * Ends the execution: writes, in one transaction, what is left and what has come of it.
   *
   * @returns whether it was still this worker's to say
   */
  async conclude(
    changes: RunChanges,
    events: readonly NewEvent[],
    also: (run: LockedRun) => Promise<void>,
  ): Promise<boolean> {
    this.#stopTimer();
    return this.#next(async () => {
      // An answer of what was left behind is not part of the end.
      if (this.#isOver || this.#kept.length > 0) await this.#write();
      if (this.#isOver) return false;
      const left = this.#take();
      this.#isOver = true;
      const all = { ...left.changes, ...changes };
      let isOurs = false;
      try {
        isOurs = await this.#conclude(all, [...left.events, ...events], also);
      } finally {
        if (!isOurs) await this.#book(left);
      }
      return isOurs;
    });
  }

  async #conclude(
    changes: RunChanges,
    events: readonly NewEvent[],
    also: (run: LockedRun) => Promise<void>,
  ): Promise<boolean> {
    const { store, runId, execution } = this.#options;
    const writes = this.#writes + 1;
    const isOurs = await outlastOutages(() =>
      store.locked(runId, async (run) => {
        if (run.row.executions !== execution) return false;
        // The answer to the commit got lost, not the commit.
        if (run.row.writes === writes) return true;
        await run.change({ ...changes, writes }, events);
        await also(run);
        return true;
      }),
    );
    return isOurs ?? false;
  }

  /** Does one piece of writing after the other. */
  #next<T>(work: () => Promise<T>): Promise<T> {
    const written = this.#writing.then(work);
    this.#writing = written.then(
      () => undefined,
      () => undefined,
    );
    return written;
  }

  #setWaiting(waiting: Waiting | undefined): void {
    if (!waiting && !this.#isWaiting) return;
    this.#isWaiting = waiting !== undefined;
    this.#waiting = waiting ?? null;
  }

  #add(event: NewEvent): void {
    const last = this.#events.at(-1);
    const merged = last && merge(last, event);
    if (merged) this.#events[this.#events.length - 1] = merged;
    else this.#events.push(event);
    this.#timer ??= setTimeout(() => void this.flush().catch(this.#options.onError), gatherMs);
  }

  /** Writes what has gathered; what comes meanwhile is for the next write. */
  async #write(): Promise<void> {
    const { store, runId, execution, onLost } = this.#options;
    const batch = this.#take();
    const { changes, events, kept } = batch;
    if (events.length === 0 && kept.length === 0 && !changes.usage) return;
    if (!this.#isOver) {
      const number = this.#writes + 1;
      const write = { runId, execution, number };
      const isOurs = await outlastOutages(() => store.record(write, changes, events, kept));
      this.#writes = number;
      if (isOurs) return;
      this.#isOver = true;
      onLost();
    }
    await this.#book(batch);
  }

  /** Another has the run, or it has ended: what was paid for is booked all the same. */
  async #book({ changes: { usage }, kept }: Batch): Promise<void> {
    const { store, runId } = this.#options;
    if (usage || kept.length > 0) await outlastOutages(() => store.book(runId, usage, kept));
  }

  /** What has gathered since the last time. */
  #take(): Batch {
    const events = this.#isOver ? [] : [...this.#tellWaiting(), ...this.#events];
    const status = this.#waiting === undefined ? {} : statusFor(this.#waiting);
    const changes = { ...status, progress: this.#progress, usage: this.#usage.take() };
    const kept = this.#kept;
    this.#events = [];
    this.#kept = [];
    this.#progress = 0;
    this.#waiting = undefined;
    return { changes, events, kept };
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #tellWaiting(): NewEvent[] {
    if (this.#waiting === undefined) return [];
    const waiting = this.#waiting;
    return [waiting ? { type: "run-waiting", waiting } : { type: "run-resumed" }];
  }
}

/**
 * Two events of one attempt as one, where that is all a reader needs: tokens come one by one, and an object
 * replaces the one before it.
 */
function merge(last: NewEvent, next: NewEvent): NewEvent | undefined {
  const isDelta = next.type === "text-delta" || next.type === "object-delta";
  if (!isDelta || last.type !== next.type) return undefined;
  if (last.callId !== next.callId || last.attempt !== next.attempt) return undefined;
  return last.type === "text-delta" && next.type === "text-delta"
    ? { ...last, text: last.text + next.text }
    : next;
}

/** What is written together. */
interface Batch {
  readonly changes: RunChanges;
  readonly events: readonly NewEvent[];
  readonly kept: readonly KeptEntry[];
}

function statusFor(waiting: Waiting | null): RunChanges {
  return waiting ? { status: "waiting", waiting } : { status: "running", waiting: null };
}
