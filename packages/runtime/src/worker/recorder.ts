import type { OrchestraEvent } from "@orchestra/core";
import { outlastOutages } from "../database/index.ts";
import type { NewEvent } from "../events/index.ts";
import type { LockedRun, RunChanges, RunStore, Waiting } from "../runs/index.ts";
import { UsageOfEvents } from "./usage-of-events.ts";

export interface RecorderOptions {
  readonly store: RunStore;
  readonly runId: string;
  /** Number of the execution: once there is a later one, this one writes nothing any more. */
  readonly execution: number;
  /** Called when another worker has the run. */
  readonly onLost: () => void;
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
  #progress = 0;
  /** `undefined` where it has not changed since it was written. */
  #waiting: Waiting | null | undefined;
  #isWaiting = false;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
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

  /** Resolves when all that was heard is written, or another worker has the run. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#write());
    await this.#writing;
  }

  /**
   * Ends the execution: writes what is left, and in the same transaction what has come of it.
   *
   * @returns whether it was still this worker's to say
   */
  async conclude(
    changes: RunChanges,
    events: readonly NewEvent[],
    also: (run: LockedRun) => Promise<void>,
  ): Promise<boolean> {
    await this.flush();
    const isOurs = await this.#whileOurs(async (run) => {
      await run.change(changes, events);
      await also(run);
    });
    this.#isOver = true;
    return isOurs;
  }

  #setWaiting(waiting: Waiting | undefined): void {
    if (!waiting && !this.#isWaiting) return;
    this.#isWaiting = waiting !== undefined;
    this.#waiting = waiting ?? null;
  }

  #add(event: NewEvent): void {
    const last = this.#events.at(-1);
    // Tokens come one by one; what a reader needs is their text.
    if (
      event.type === "text-delta" &&
      last?.type === "text-delta" &&
      last.callId === event.callId &&
      last.attempt === event.attempt
    ) {
      this.#events[this.#events.length - 1] = { ...last, text: last.text + event.text };
    } else this.#events.push(event);
    this.#timer ??= setTimeout(() => void this.flush(), gatherMs);
  }

  async #write(): Promise<void> {
    const events = this.#events;
    const progress = this.#progress;
    const waiting = this.#waiting;
    const usage = this.#usage.take();
    if (events.length === 0 && !usage) return;
    this.#events = [];
    this.#progress = 0;
    this.#waiting = undefined;
    await this.#whileOurs(async ({ change }) => {
      const status = waiting === undefined ? {} : statusFor(waiting);
      const told: NewEvent[] = waiting ? [{ type: "run-waiting", waiting }] : [];
      if (waiting === null) told.push({ type: "run-resumed" });
      await change({ ...status, progress, usage }, [...told, ...events]);
    });
  }

  /** A later execution ends this one; what it paid for is booked all the same. */
  async #whileOurs(work: (run: LockedRun) => Promise<void>): Promise<boolean> {
    const { store, runId, execution, onLost } = this.#options;
    if (this.#isOver) return false;
    const isOurs = await outlastOutages(() =>
      store.locked(runId, async (run) => {
        const { executions, ended_at: endedAt } = run.row;
        if (executions !== execution || endedAt) return false;
        await work(run);
        return true;
      }),
    );
    if (isOurs) return true;
    this.#isOver = true;
    onLost();
    return false;
  }
}

function statusFor(waiting: Waiting | null): RunChanges {
  return waiting ? { status: "waiting", waiting } : { status: "running", waiting: null };
}
