import { randomUUID } from "node:crypto";
import { systemClock, type Clock } from "@orchestra/core/gateway";
import {
  LimiterState,
  nonNegative,
  positive,
  WaitingRequest,
  type AcquireOptions,
  type RateLimiter,
  type RateLimiterState,
  type RateLimits,
  type Refusal,
  type Slot,
} from "@orchestra/core/limits";
import { BookedAhead } from "./booked-ahead.ts";
import { LimitsTable } from "./limits-table.ts";
import type { LimiterChange } from "./limiter-change.ts";
import type { PostgresRateLimiterOptions } from "./postgres-rate-limiter-options.ts";
import { ProcessSlots } from "./process-slots.ts";
import { SyncLoop } from "./sync-loop.ts";
import type { SyncTask } from "./sync-queue.ts";
import { SyncTimers } from "./sync-timers.ts";
import { WakeSubscription } from "./wake-subscription.ts";
import type { WakeMessage } from "./wake-message.ts";

/**
 * A rate limiter for one account that any number of processes use. They share its state in a database,
 * and it follows the same rules as the rate limiter in memory.
 *
 * A process works in syncs. A sync is one statement, which reports requests that have ended and books
 * slots for the calls that can go. A slot is booked for the latest instant at which it may be used, by the
 * database's time: no window has more requests than the limit, even if the clocks of the processes differ
 * and the answer takes long to arrive.
 *
 * Across processes a higher priority goes first. Within a priority, the process goes first whose first
 * call has waited longest. A sync that frees slots wakes the processes that are next.
 *
 * While the database is not available, calls wait. Settlements, refusals and new limits are written when
 * it is back. If it rejects a statement, the waiting calls fail. Only waiting calls keep the process alive.
 */
export class PostgresRateLimiter implements RateLimiter, AsyncDisposable {
  readonly #clock: Clock;
  readonly #slots: ProcessSlots;
  readonly #loop: SyncLoop;
  readonly #messages: WakeSubscription;
  readonly #timers: SyncTimers;
  #closing: Promise<void> | undefined;

  /** @throws {RangeError} if an option is out of range */
  constructor(options: PostgresRateLimiterOptions) {
    const { database, account, limits, windowMs = 60_000, reference } = options;
    const { safetyMarginMs: marginMs } = new LimiterState(options);
    const clock = options.clock ?? systemClock;
    const holderId = options.holderId ?? randomUUID();
    this.#clock = clock;
    const deadAfterMs = positive("deadAfterMs", options.deadAfterMs ?? 30_000);
    const maxAhead = nonNegative("slotsAhead", options.slotsAhead ?? 5);
    this.#messages = new WakeSubscription({
      database,
      account,
      onMessage: (message) => this.#onWake(message, holderId),
      onSubscribed: () => {
        if (this.#slots.waiting.size > 0) this.#loop.request();
      },
    });
    this.#timers = new SyncTimers(clock, () => this.#loop.resume());
    this.#loop = new SyncLoop({
      table: new LimitsTable(database, account),
      holderId,
      options: {
        windowMs,
        marginMs,
        maxRefusalMs: options.maxRefusalMs,
        maxRefusalWaitMs: options.maxRefusalWaitMs,
        waitsForDay: options.onDayExceeded === "delay",
        deadAfterMs,
      },
      clock,
      reference,
      random: options.random ?? Math.random,
      situation: (taken) => {
        this.#messages.open();
        return this.#slots.situation(taken);
      },
      onSynced: (synced) => this.#slots.apply(synced),
      onRejected: (error) => this.#slots.waiting.failAll(error),
      onOutage: (error) => options.onOutage?.(error),
      onIdle: () => this.#setTimers(),
    });
    this.#slots = new ProcessSlots({
      clock,
      loop: this.#loop,
      messages: this.#messages,
      ahead: new BookedAhead(maxAhead, Math.min(1000, windowMs / 60)),
      isRemote: reference === undefined,
      deadAfterMs,
    });
    if (limits) this.#loop.tasks.push({ change: { type: "limits", limits }, isUrgent: false });
  }

  async acquire(options: AcquireOptions = {}): Promise<Slot> {
    options.signal?.throwIfAborted();
    if (this.#closing) throw closedError();
    const { queue } = this.#slots.waiting;
    const call = new WaitingRequest(options, queue, this.#clock.now());
    if (!this.#slots.grantAhead(call)) {
      this.#slots.waiting.add(call);
      call.failOnAbort(() => this.#loop.request());
      this.#loop.request();
    }
    return call.slot;
  }

  async backOff(refusal: Refusal): Promise<void> {
    if (Number.isNaN(refusal.until))
      throw new RangeError("until is NaN: expected milliseconds since the epoch");
    if (refusal.until <= this.#clock.now()) return;
    await this.#apply({ type: "refuse", ...refusal }, { notifiesAll: true });
  }

  async setLimits(limits: RateLimits): Promise<void> {
    void new LimiterState({ limits });
    await this.#apply({ type: "limits", limits }, { notifiesAll: true });
  }

  async countDay(used: number): Promise<void> {
    await this.#apply({ type: "day", used: nonNegative("used", used) });
  }

  /** @throws the database's error, if it is not available */
  state(): Promise<RateLimiterState> {
    return new Promise((resolve, reject) => {
      this.#loop.tasks.push({
        isUrgent: true,
        isBarrier: true,
        onCommitted: (outcome) => resolve(outcome.describe()),
        onOutage: reject,
        onFailed: reject,
      });
      this.#loop.start();
    });
  }

  /**
   * Returns unused slots, and stops. Waiting calls fail. Slots that callers still hold can be settled
   * as usual, as long as the database is open.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#slots.close(closedError());
    await this.#loop.stopped;
    // The last sync reports that no call waits here. A process that never had a sync has nothing to report.
    if (this.#messages.isOpen || !this.#loop.tasks.isEmpty) this.#loop.resume();
    await this.#loop.stopped;
    this.#setTimers();
    await this.#messages.close();
  }

  /** Sends a change that affects other processes, after the calls that were made before. */
  #apply(change: LimiterChange, task: Pick<SyncTask, "notifiesAll"> = {}): Promise<void> {
    // Slots were booked under the old limits.
    this.#slots.returnAll();
    return new Promise((resolve, reject) => {
      this.#loop.tasks.push({
        ...task,
        change,
        isUrgent: true,
        isBarrier: true,
        onCommitted: () => resolve(),
        onOutage: () => resolve(),
        onFailed: reject,
      });
      if (this.#loop.isPaused) resolve();
      this.#loop.start();
    });
  }

  #onWake({ wakes, isWaitedFor }: WakeMessage, holderId: string): void {
    if (wakes === null) this.#slots.returnAll();
    else if (isWaitedFor) this.#slots.returnAhead();
    if (isWaitedFor) this.#slots.isWaitedForElsewhere = true;
    const isWoken = wakes === null || wakes.includes(holderId);
    const hasReports = (isWaitedFor || wakes === null) && !this.#loop.tasks.isEmpty;
    if ((isWoken && this.#slots.waiting.size > 0) || hasReports) this.#loop.request();
  }

  #setTimers(): void {
    const { waitingSyncAt, backgroundSyncAt } = this.#slots;
    this.#timers.set(waitingSyncAt, this.#closing ? Infinity : backgroundSyncAt);
  }
}

const closedError = () => new Error("The rate limiter is closed");
