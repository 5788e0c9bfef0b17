import type { Clock } from "@orchestra/core";
import { wholeTokens, type Slot, type WaitingRequest } from "@orchestra/core/limits";
import type { BookedAhead } from "./booked-ahead.ts";
import { BookedLater, type Grant } from "./booked-later.ts";
import { expiresAt, sharedTimeOf, type BookedSlot } from "./booked-slot.ts";
import { returnOf } from "./limiter-change.ts";
import { RoundTrips } from "./round-trips.ts";
import type { Situation, SyncLoop, Synced } from "./sync-loop.ts";
import type { SyncTask } from "./sync-queue.ts";
import { WaitingCalls } from "./waiting-calls.ts";
import type { WakeSubscription } from "./wake-subscription.ts";

/** Estimate of a round trip to the database, until it is measured. */
const initialRoundTripMs = 25;

export interface ProcessSlotsOptions {
  readonly clock: Clock;
  readonly loop: SyncLoop;
  readonly messages: WakeSubscription;
  readonly ahead: BookedAhead;
  /** Whether the shared clock is the database's. */
  readonly isRemote: boolean;
  /** See `PostgresRateLimiterOptions`. */
  readonly deadAfterMs: number;
}

/** The slots of one process: those that callers hold, those booked for them, and the calls that wait for one. */
export class ProcessSlots {
  readonly waiting = new WaitingCalls();
  readonly ahead: BookedAhead;
  /** Slots that callers hold. */
  inFlight = 0;
  /** Whether calls wait in other processes. */
  isWaitedForElsewhere = false;
  readonly #options: ProcessSlotsOptions;
  readonly #roundTrips: RoundTrips;
  readonly #later: BookedLater;
  /** When calls that wait need a sync, by the process's own clock. */
  #nextSyncAt = Infinity;
  #isClosed = false;
  /** Whether the end of a request may free a slot before its minute has passed. */
  #endFreesSlot = true;
  /** The edition that the waiting calls were notified of last. */
  #edition: number | undefined;

  constructor(options: ProcessSlotsOptions) {
    this.#options = options;
    this.ahead = options.ahead;
    this.#roundTrips = new RoundTrips(options.isRemote ? initialRoundTripMs : 0);
    this.#later = new BookedLater(options.clock, (grant) => this.#grant(grant));
  }

  /** When a sync is due for the calls that wait, by the process's own clock. */
  get waitingSyncAt(): number {
    const { resumesAt, tasks } = this.#options.loop;
    if (this.waiting.size === 0) return Infinity;
    return tasks.isUrgent ? resumesAt : Math.max(resumesAt, this.#nextSyncAt);
  }

  /** When a sync is due for anything else, by the process's own clock. */
  get backgroundSyncAt(): number {
    const { loop, deadAfterMs } = this.#options;
    const { resumesAt, lastSyncAt, deferredAt, tasks } = loop;
    const dueAt = Math.min(
      this.ahead.nextExpiryAt,
      deferredAt + this.ahead.forMs,
      // Otherwise the process counts as dead, and its requests as ended.
      this.inFlight > 0 ? lastSyncAt + deadAfterMs / 3 : Infinity,
      tasks.isUrgent ? resumesAt : Infinity,
    );
    return Math.max(resumesAt, dueAt);
  }

  /** Grants a slot that is booked ahead, if there is one and no other call waits. */
  grantAhead(call: WaitingRequest): boolean {
    const slot = this.waiting.size === 0 ? this.ahead.use(call.askedAt) : undefined;
    if (slot) call.grant(this.#slotFor(call, slot));
    return slot !== undefined;
  }

  returnAhead(): void {
    for (const slot of this.ahead.takeAll()) this.#options.loop.defer(this.#returnTask(slot));
  }

  /** Returns what was booked under limits that have changed since. Calls that it was booked for wait on. */
  returnAll(): void {
    this.returnAhead();
    for (const slot of this.#later.take(() => true))
      this.#options.loop.defer(this.#returnTask(slot));
  }

  close(reason: unknown): void {
    this.#isClosed = true;
    this.waiting.failAll(reason);
    this.returnAll();
  }

  /** The state of this process for the next sync. */
  situation(taken: readonly SyncTask[]): Situation {
    const { ahead, waiting } = this;
    const now = this.#options.clock.now();
    const { allowanceMs } = this.#roundTrips;
    const aborted = this.#later.take((call) => !waiting.has(call));
    // Slots that are booked ahead are returned if calls wait, or if a change affects the limits.
    const isStale = waiting.size > 0 || taken.some(({ isBarrier }) => isBarrier);
    const unused = isStale ? ahead.takeAll() : ahead.takeExpired(now);
    return {
      tasks: [...aborted, ...unused].map((slot) => this.#returnTask(slot)),
      calls: waiting.toArray().filter((call) => !call.signal?.aborted && !this.#later.has(call)),
      inFlight: this.inFlight + this.#later.count,
      ahead: ahead.count,
      wantsAhead: this.#isClosed ? 0 : ahead.wanted(now),
      aheadMs: ahead.forMs,
      allowanceMs,
      horizonMs: Math.min(allowanceMs, ahead.forMs),
    };
  }

  /** Applies the outcome of a committed sync. */
  apply({ outcome, tasks }: Synced): void {
    const { loop, clock, messages, deadAfterMs } = this.#options;
    const now = clock.now();
    this.#roundTrips.add(now - outcome.at.sentAt);
    this.isWaitedForElsewhere = outcome.elsewhere.length > 0;
    this.#endFreesSlot = outcome.endFreesSlot;
    const inMs = messages.isReceiving
      ? outcome.nextSyncInMs
      : Math.min(outcome.grantableInMs, deadAfterMs / 15);
    this.#nextSyncAt = now + inMs;
    this.ahead.add(outcome.ahead);
    for (const call of outcome.failed) if (this.waiting.has(call)) call.fail(outcome.errorOf(call));
    for (const grant of outcome.granted) this.#grantOnceFree(grant, now);
    const isNewEdition = this.#edition !== undefined && this.#edition !== outcome.editionBefore;
    this.#edition = outcome.edition;
    const notifiesAll = isNewEdition || tasks.some((task) => task.notifiesAll);
    if (!this.waiting.notifyWaits(outcome, { notifiesAll })) loop.request();
  }

  /** @param receivedAt - When the reply came. The slot was booked before that, so that it is not used too early. */
  #grantOnceFree(grant: Grant, receivedAt: number): void {
    const { from, takenAt } = grant.slot;
    const isFree = from <= takenAt || !this.waiting.has(grant.call);
    if (isFree) this.#grant(grant);
    else this.#later.add(grant, receivedAt + (from - takenAt));
  }

  #grant({ call, slot }: Grant): void {
    const { clock, loop } = this.#options;
    const isLate = clock.now() > expiresAt(slot);
    if (!isLate && this.waiting.has(call)) {
      call.grant(this.#slotFor(call, slot));
    } else {
      loop.defer(this.#returnTask(slot));
      if (!this.waiting.has(call)) return;
      this.waiting.renew(call);
      loop.request();
    }
  }

  #slotFor(call: WaitingRequest, slot: BookedSlot): Slot {
    const { clock, loop } = this.#options;
    const now = clock.now();
    this.ahead.noteUse(now);
    this.inFlight += 1;
    let isSettled = false;
    const settle: Slot["settle"] = async ({ tokens, isAnswered = false, isUnused } = {}) => {
      if (isSettled) return;
      const spent = tokens === undefined ? call.tokens : wholeTokens(tokens);
      isSettled = true;
      this.inFlight -= 1;
      const endedAt = sharedTimeOf(slot, clock.now());
      const { until } = slot;
      loop.defer(
        isUnused
          ? this.#returnTask(slot)
          : {
              change: { type: "settle", until, tokens: slot.tokens, endedAt, spent, isAnswered },
              isUrgent: this.#isClosed || (this.#endFreesSlot && this.#isWaitedFor),
            },
      );
      loop.start();
    };
    return {
      grantedAt: slot.from,
      waitedMs: now - call.askedAt,
      settle,
      [Symbol.asyncDispose]: () => settle(),
    };
  }

  #returnTask(slot: BookedSlot): SyncTask {
    return { change: returnOf(slot), isUrgent: this.#isClosed || this.#isWaitedFor };
  }

  /** Whether a call waits for slots that become free here. */
  get #isWaitedFor(): boolean {
    return this.waiting.size > 0 || this.isWaitedForElsewhere;
  }
}
