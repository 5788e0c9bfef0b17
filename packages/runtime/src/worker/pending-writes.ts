import type { OrchestraEvent } from "@orchestra/core";
import { lastOfEach } from "../checkpoints/index.ts";
import type { LiveDelta, NewEvent } from "../events/index.ts";
import { emptyBatch, noUsage, type Batch, type Waiting } from "../runs/index.ts";
import { UsageOfEvents } from "./usage-of-events.ts";

/** For a shorter wait for the rate limit, the status does not change. */
const shownWaitMs = 1000;

/** A write that a caller waits for. */
type Entry = Partial<Pick<Batch, "answers" | "checkpoints" | "blobs" | "writes">> & {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
};

/** The results of an execution that are not written yet. */
export class PendingWrites {
  readonly #usage = new UsageOfEvents();
  readonly #texts = new Map<string, GrowingAnswer>();
  #events: NewEvent[] = [];
  #entries: Entry[] = [];
  /** Calls whose answers are among the events. */
  #calls: string[] = [];
  #progress = 0;
  /** `undefined` if it has not changed since it was written. */
  #waiting: Waiting | null | undefined;
  #isWaiting = false;

  /** @returns whether it is a piece of an unfinished answer, which is only shown: the whole answer is written at its end */
  addEvent(event: OrchestraEvent): LiveDelta | undefined {
    if (event.type === "text-delta" || event.type === "object-delta") return this.#grow(event);
    this.#usage.addEvent(event);
    if ("callId" in event) this.#endAnswers(event.callId);
    if (event.type === "call-end" && event.record.status === "succeeded") this.#progress += 1;
    if (event.type === "rate-limit-wait" && event.waitMs >= shownWaitMs) {
      const until = new Date(Date.now() + event.waitMs).toISOString();
      this.#setWaiting({ for: "rate-limit", until });
    }
    if (event.type === "attempt-start") this.#setWaiting(undefined);
    this.#events.push(event);
    return undefined;
  }

  /** @param isStored - Whether an earlier execution has done the step: this one has made no progress by it */
  stepEnd(step: string, isStored: boolean): void {
    if (!isStored) this.#progress += 1;
    this.#events.push({ type: "step-end", step });
  }

  add(entry: Entry): void {
    this.#entries.push(entry);
  }

  /** Whether there is more than events and costs. */
  get hasEntries(): boolean {
    return this.#entries.length > 0;
  }

  /**
   * From now on callers wait only for answers.
   *
   * @param reject - Receives the errors of writes that no caller waits for.
   * @returns whether a caller waits for an answer
   */
  deferAll(reject: (error: unknown) => void): boolean {
    const deferred = this.#entries.filter(({ answers }) => !answers);
    this.#entries = this.#entries.map((entry) =>
      entry.answers ? entry : { ...entry, resolve: () => undefined, reject },
    );
    for (const { resolve } of deferred) resolve();
    return deferred.length < this.#entries.length;
  }

  /** The results since the last call; `undefined` if there are none. */
  take(): PendingWrite | undefined {
    const events = [...this.#waitingEvents(), ...this.#events];
    const usage = this.#usage.take() ?? noUsage;
    const isEmpty = events.length === 0 && this.#entries.length === 0 && usage === noUsage;
    if (isEmpty) return undefined;
    const batch = {
      ...emptyBatch,
      events,
      usage,
      progress: this.#progress,
      waiting: this.#waiting,
    };
    const pending = new PendingWrite(batch, this.#entries, this.#calls);
    this.#events = [];
    this.#entries = [];
    this.#calls = [];
    this.#progress = 0;
    this.#waiting = undefined;
    return pending;
  }

  /** Like {@link take}, with unfinished answers. */
  takeAll(): PendingWrite {
    for (const { delta } of this.#texts.values()) this.#endAnswers(delta.callId);
    return this.take() ?? new PendingWrite(emptyBatch, [], []);
  }

  #grow(event: OrchestraEvent & { type: "text-delta" | "object-delta" }): LiveDelta | undefined {
    const key = `${event.callId} ${event.attempt} ${event.type}`;
    const before = this.#texts.get(key);
    if (event.type === "object-delta") {
      const delta = { ...event, offset: (before?.length ?? 0) + 1 };
      this.#texts.set(key, { delta: event, length: delta.offset });
      return delta;
    }
    if (event.text === "") return undefined;
    const offset = before?.length ?? 0;
    const text = before?.delta.type === "text-delta" ? before.delta.text + event.text : event.text;
    this.#texts.set(key, { delta: { ...event, text }, length: text.length });
    return { ...event, offset };
  }

  /** The text of a call is written as one, before later events. */
  #endAnswers(callId: string): void {
    for (const [key, { delta }] of this.#texts) {
      if (delta.callId !== callId) continue;
      this.#texts.delete(key);
      this.#events.push(delta);
      this.#calls.push(callId);
    }
  }

  #setWaiting(waiting: Waiting | undefined): void {
    if (!waiting && !this.#isWaiting) return;
    this.#isWaiting = waiting !== undefined;
    this.#waiting = waiting ?? null;
  }

  #waitingEvents(): NewEvent[] {
    if (this.#waiting === undefined) return [];
    const waiting = this.#waiting;
    return [waiting ? { type: "run-waiting", waiting } : { type: "run-resumed" }];
  }
}

/** The part of an answer that has arrived. */
interface GrowingAnswer {
  readonly delta: OrchestraEvent & { type: "text-delta" | "object-delta" };
  /** In characters of a text; for an object, the number of its revisions. */
  readonly length: number;
}

/** Results that are written together, and the callers that wait for them. */
export class PendingWrite {
  readonly batch: Batch;
  /** Calls whose pieces need not be shown any more. */
  readonly calls: readonly string[];
  readonly #entries: readonly Entry[];

  constructor(batch: Batch, entries: readonly Entry[], calls: readonly string[]) {
    this.#entries = entries;
    this.calls = calls;
    this.batch = {
      ...batch,
      answers: entries.flatMap(({ answers = [] }) => answers),
      checkpoints: entries.flatMap(({ checkpoints = [] }) => checkpoints),
      blobs: entries.flatMap(({ blobs = [] }) => blobs),
      writes: lastOfEach(entries.flatMap(({ writes = [] }) => writes)),
      endedCalls: calls,
    };
  }

  get isAwaited(): boolean {
    return this.#entries.length > 0;
  }

  resolve(): void {
    for (const { resolve } of this.#entries) resolve();
  }

  reject(error: unknown): void {
    for (const { reject } of this.#entries) reject(error);
  }

  /** Its parts: usage, events, and each entry separately. */
  split(): PendingWrite[] {
    const { events, usage, progress, waiting } = this.batch;
    const counts = usage !== noUsage || progress > 0 || waiting !== undefined;
    return [
      ...(counts ? [new PendingWrite({ ...emptyBatch, usage, progress, waiting }, [], [])] : []),
      ...(events.length > 0 ? [new PendingWrite({ ...emptyBatch, events }, [], this.calls)] : []),
      ...this.#entries.map((entry) => new PendingWrite(emptyBatch, [entry], [])),
    ];
  }
}
