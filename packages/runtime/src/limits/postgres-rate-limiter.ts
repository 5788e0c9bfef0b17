import { randomUUID } from "node:crypto";
import { systemClock, type Clock } from "@orchestra/core";
import { DatabaseTimeoutError, isOutage } from "../database/index.ts";
import {
  Timer,
  LimiterState,
  nonNegative,
  positive,
  WaitingRequest,
  RequestQueue,
  wholeTokens,
  type AcquireOptions,
  type RateLimiter,
  type RateLimiterState,
  type RateLimits,
  type Refusal,
  type Slot,
} from "@orchestra/core/limits";
import { limitsChange, withNewEdition } from "./changes.ts";
import { LeasesAhead } from "./leases-ahead.ts";
import { limitsChannel, LimitsTable, type WakeMessage, type Written } from "./limits-table.ts";
import type { PostgresRateLimiterOptions } from "./postgres-rate-limiter-options.ts";
import { RoundTrips } from "./round-trips.ts";
import { loadBefore, SharedAccount, type SharedAccountJson } from "./shared-account.ts";
import {
  databaseTimeOf,
  expiresAt,
  sinceOf,
  takeTurn,
  type Change,
  type Lease,
  type TurnOutcome,
} from "./turn.ts";
import { TurnQueue, type TurnTask } from "./turn-queue.ts";
import { UncertainTurns } from "./uncertain-turns.ts";

const initialPauseMs = 50;
const maxPauseMs = 2000;
/** After this time without an answer, another connection is tried. */
const turnTimeoutMs = 10_000;
/** Estimate of a round trip to the database, until it is measured. */
const initialRoundTripMs = 25;

/**
 * A rate limiter for one account that any number of processes use. They share its state in a database,
 * and apply the same rules as the rate limiter in memory, with the same code.
 *
 * A process works in turns. A turn is one short transaction, which reports requests that have ended and
 * books slots for the calls that can go. A slot is booked for the latest instant at which it may be
 * used, by the database's time. No window has more requests than the limit, even if the clocks of the
 * processes differ and the answer takes long to arrive.
 *
 * Across processes a higher priority goes first. Within a priority, the process goes first whose first
 * call has waited longest.
 *
 * While the database is not available, calls wait. Settlements, refusals and new limits do not wait:
 * they are written when the database is back. If the database rejects a transaction, the waiting calls
 * fail. Only waiting calls keep the process alive.
 */
export class PostgresRateLimiter implements RateLimiter, AsyncDisposable {
  readonly #options: PostgresRateLimiterOptions;
  readonly #clock: Clock;
  readonly #table: LimitsTable;
  readonly #holderId: string;
  readonly #deadAfterMs: number;
  readonly #waiting = new RequestQueue<WaitingRequest>();
  readonly #tasks = new TurnQueue();
  readonly #uncertain = new UncertainTurns();
  readonly #roundTrips: RoundTrips;
  readonly #ahead: LeasesAhead;
  /** The next turn for calls that wait. */
  readonly #timer: Timer;
  /** Calls that were made since the last turn began. */
  #newcomers = new Set<WaitingRequest>();
  /** Slots that callers hold. */
  #inFlight = 0;
  /** Whether calls wait in other processes. */
  #othersWait = false;
  /** The edition that the waiting calls were notified of last. */
  #edition: number | undefined;
  /** Id of the current turn, or of the last one. */
  #turn: string | undefined;
  #turning: Promise<void> | undefined;
  // Instants by the process's own clock.
  #lastTurnAt = -Infinity;
  /** When the first waiting call can be granted. */
  #nextAt = Infinity;
  /** When the first of the tasks that can wait was added. */
  #deferredAt = Infinity;
  /** End of the pause after an outage. */
  #resumesAt = -Infinity;
  #pauseMs = 0;
  #cancelBackgroundTimer: () => void = () => undefined;
  #subscription: Promise<AsyncDisposable | undefined> | undefined;
  #closing: Promise<void> | undefined;

  /** @throws {RangeError} if an option is out of range */
  constructor(options: PostgresRateLimiterOptions) {
    this.#options = options;
    const { database, account, limits, windowMs = 60_000, reference } = options;
    checkOptions(options);
    this.#clock = options.clock ?? systemClock;
    this.#table = new LimitsTable(database, account);
    this.#holderId = options.holderId ?? randomUUID();
    this.#deadAfterMs = positive("deadAfterMs", options.deadAfterMs ?? 30_000);
    const leaseAhead = nonNegative("leaseAhead", options.leaseAhead ?? 5);
    this.#ahead = new LeasesAhead(leaseAhead, Math.min(1000, windowMs / 60));
    this.#roundTrips = new RoundTrips(reference ? 0 : initialRoundTripMs);
    this.#timer = new Timer(this.#clock, () => this.#onTimer());
    if (limits) this.#tasks.push({ change: limitsChange(limits), isUrgent: false });
  }

  async acquire(options: AcquireOptions = {}): Promise<Slot> {
    options.signal?.throwIfAborted();
    if (this.#closing) throw closedError();
    const now = this.#clock.now();
    const call = new WaitingRequest(options, this.#waiting, now);
    const lease = this.#waiting.size === 0 ? this.#ahead.use(now) : undefined;
    if (lease) {
      call.grant(this.#slotFor(call, lease));
    } else {
      this.#waiting.add(call);
      this.#newcomers.add(call);
      call.failOnAbort(() => this.#requestTurn());
      this.#requestTurn();
    }
    return call.slot;
  }

  async backOff({ until, ...refusal }: Refusal): Promise<void> {
    if (Number.isNaN(until))
      throw new RangeError("until is NaN: expected milliseconds since the epoch");
    if (until <= this.#clock.now()) return;
    const change = withNewEdition(({ state }, { now, sentAt }) =>
      state.refuse({ ...refusal, until: now + (until - sentAt) }, now),
    );
    await this.#sendChange({ change, notifiesAll: true });
  }

  async setLimits(limits: RateLimits): Promise<void> {
    checkOptions({ limits });
    await this.#sendChange({ change: limitsChange(limits), notifiesAll: true });
  }

  async countDay(used: number): Promise<void> {
    nonNegative("used", used);
    await this.#sendChange({
      change: withNewEdition(({ state }, { now }) => state.countDay(used, now)),
    });
  }

  /** @throws the database's error, if it is not available */
  state(): Promise<RateLimiterState> {
    return new Promise((resolve, reject) => {
      this.#tasks.push({
        isUrgent: true,
        isBarrier: true,
        onCommitted: ({ description }) => resolve(description),
        onOutage: reject,
        onFailed: reject,
      });
      this.#startTurns();
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
    for (const call of this.#waiting.toArray()) call.fail(closedError());
    await this.#turning;
    this.#returnLeases(this.#ahead.takeAll());
    // The last turn removes this process from the document, unless it never had a turn.
    if (this.#subscription || !this.#tasks.isEmpty) this.#onTimer();
    await this.#turning;
    this.#setTimers();
    await (await this.#subscription)?.[Symbol.asyncDispose]();
  }

  /** Applies a change that affects other processes, after the calls that were made before. */
  #sendChange(task: Pick<TurnTask, "change" | "notifiesAll">): Promise<void> {
    // Slots were reserved ahead under the old limits.
    this.#returnLeases(this.#ahead.takeAll());
    return new Promise((resolve, reject) => {
      this.#tasks.push({
        ...task,
        isUrgent: true,
        isBarrier: true,
        onCommitted: () => resolve(),
        onOutage: () => resolve(),
        onFailed: reject,
      });
      if (this.#isPaused) resolve();
      this.#startTurns();
    });
  }

  /** Adds a task that can wait a little, unless it is urgent. */
  #defer(task: TurnTask): void {
    this.#deferredAt = Math.min(this.#deferredAt, this.#clock.now());
    this.#tasks.push(task);
  }

  #returnTask(lease: Lease): TurnTask {
    return {
      change: ({ state }, at) => state.giveBack(lease, at.now),
      isUrgent: this.#isWaitedFor,
    };
  }

  #returnLeases(leases: readonly Lease[]): void {
    for (const lease of leases) this.#defer(this.#returnTask(lease));
  }

  /** Whether a call waits for slots that become free here, or no timer will report them later. */
  get #isWaitedFor(): boolean {
    return this.#waiting.size > 0 || this.#othersWait || this.#closing !== undefined;
  }

  /** Requests a turn for the waiting calls. */
  #requestTurn(): void {
    this.#tasks.requestTurn();
    this.#startTurns();
  }

  /** Called by the timers of {@link #setTimers}. */
  #onTimer(): void {
    this.#resumesAt = -Infinity;
    this.#requestTurn();
  }

  /** Another process has slots for the calls that wait here, or waits for slots that are reserved here. */
  #onWake(payload: string): void {
    const { account, wakes } = JSON.parse(payload) as WakeMessage;
    if (account !== this.#options.account || !wakes.includes(this.#holderId)) return;
    this.#othersWait = true;
    this.#returnLeases(this.#ahead.takeAll());
    if (this.#waiting.size > 0 || !this.#tasks.isEmpty) this.#requestTurn();
  }

  get #isPaused(): boolean {
    return this.#clock.now() < this.#resumesAt;
  }

  #startTurns(): void {
    if (this.#turning) return;
    if (this.#tasks.isUrgent && !this.#isPaused) this.#turning = this.#takeTurns();
    else this.#setTimers();
  }

  async #takeTurns(): Promise<void> {
    this.#listen();
    try {
      while (this.#tasks.isUrgent && !this.#isPaused) await this.#takeTurn();
    } finally {
      this.#turning = undefined;
      this.#setTimers();
    }
  }

  async #takeTurn(): Promise<void> {
    const sentAt = this.#clock.now();
    const turn = randomUUID();
    this.#turn = turn;
    this.#deferredAt = Infinity;
    const taken = this.#tasks.take();
    // Slots that are reserved ahead are returned if calls wait, or if a change affects the limits.
    const isStale = this.#waiting.size > 0 || taken.some(({ isBarrier }) => isBarrier);
    const unused = isStale ? this.#ahead.takeAll() : this.#ahead.takeExpired(sentAt);
    const tasks = [...unused.map((lease) => this.#returnTask(lease)), ...taken];
    const fresh = this.#newcomers;
    this.#newcomers = new Set();
    let planned: Plan | undefined;
    try {
      const plan = await this.#inTime(
        this.#table.change((json, databaseNow) => {
          // The turn has timed out, and its result would be ignored.
          if (turn !== this.#turn) throw new DatabaseTimeoutError("The turn has timed out");
          planned = this.#plan(json, databaseNow, { turn, sentAt, tasks });
          return planned;
        }),
      );
      this.#uncertain.clear();
      this.#pauseMs = 0;
      this.#applyOutcome(plan, tasks, fresh);
    } catch (error) {
      this.#turn = undefined;
      for (const call of fresh) this.#newcomers.add(call);
      if (planned) this.#uncertain.add({ turn, ...planned.uncertain });
      if (isOutage(error)) this.#pause(error, tasks);
      else this.#fail(error, tasks);
    }
  }

  /** Computes the changes to the account's document. Has no other effect, because it may be rolled back. */
  #plan(
    json: SharedAccountJson,
    databaseNow: number,
    { turn, sentAt, tasks }: { turn: string; sentAt: number; tasks: readonly TurnTask[] },
  ): Plan {
    const { windowMs, safetyMarginMs, onDayExceeded = "fail", reference } = this.#options;
    const now = reference?.() ?? databaseNow;
    const { maxRefusalMs, maxRefusalWaitMs } = this.#options;
    const options = {
      windowMs,
      safetyMarginMs,
      maxRefusalMs,
      maxRefusalWaitMs,
      deadAfterMs: this.#deadAfterMs,
    };
    const account = new SharedAccount(json, options, now);
    const lastTurn = account.holder(this.#holderId)?.turn;
    const open = this.#uncertain.resolve(lastTurn, tasks);
    const returns = open.unused.map((lease) => this.#returnTask(lease));
    const outcome = takeTurn(account, {
      holderId: this.#holderId,
      turn,
      now,
      sentAt,
      changes: [...returns, ...open.tasks].flatMap(({ change }) => change ?? []),
      calls: this.#waiting.toArray().filter((call) => !this.#newcomers.has(call)),
      inFlight: this.#inFlight,
      ahead: this.#ahead.count,
      wantsAhead: this.#closing ? 0 : this.#ahead.wanted(sentAt),
      aheadMs: this.#ahead.forMs,
      allowanceMs: this.#roundTrips.allowanceMs,
      onDayExceeded,
    });
    if (this.#closing && this.#inFlight === 0) account.forgetHolder(this.#holderId);
    const leases = [...outcome.granted.map(({ lease }) => lease), ...outcome.ahead];
    return { ...outcome, json: account.toJSON(), uncertain: { tasks: open.tasks, leases } };
  }

  /** Applies the outcome of a committed turn. */
  #applyOutcome(
    outcome: TurnOutcome,
    tasks: readonly TurnTask[],
    fresh: ReadonlySet<WaitingRequest>,
  ): void {
    const now = this.#clock.now();
    this.#lastTurnAt = now;
    this.#roundTrips.add(now - outcome.at.sentAt);
    this.#othersWait = outcome.others.length > 0;
    this.#nextAt = now + (outcome.nextAt - outcome.at.now);
    this.#ahead.add(outcome.ahead);
    for (const { call, error } of outcome.failed) if (this.#waiting.has(call)) call.fail(error);
    for (const { call, lease } of outcome.granted) {
      const isLate = now > expiresAt(lease);
      if (!isLate && this.#waiting.has(call)) {
        call.grant(this.#slotFor(call, lease));
      } else {
        this.#returnLeases([lease]);
        this.#newcomers.add(call);
        if (isLate) this.#requestTurn();
      }
    }
    const isNewEdition = this.#edition !== undefined && this.#edition !== outcome.edition;
    this.#edition = outcome.account.edition;
    const notifiesAll = isNewEdition || tasks.some((task) => task.notifiesAll);
    this.#notifyWaits(outcome, notifiesAll ? undefined : fresh);
    for (const { onCommitted } of tasks) onCommitted?.(outcome);
  }

  /** @param only - The calls to notify. @defaultValue all that were part of the turn */
  #notifyWaits({ account, at, others }: TurnOutcome, only?: ReadonlySet<WaitingRequest>): void {
    let before = { calls: 0, tokens: 0 };
    for (const call of this.#waiting.toArray()) {
      // The listener of an earlier call may have ended this wait, by an abort for example.
      if (!this.#waiting.has(call) || this.#newcomers.has(call)) continue;
      const elsewhere = loadBefore({ priority: call.priority, since: sinceOf(call, at) }, others);
      before = { calls: before.calls + 1, tokens: before.tokens + call.tokens };
      if (!call.hasWaitListener || only?.has(call) === false) continue;
      const load = {
        calls: before.calls + elsewhere.calls,
        tokens: before.tokens + elsewhere.tokens,
      };
      if (!call.notifyWait(account.state.fitsAt(load, at.now) - at.now)) this.#requestTurn();
    }
  }

  #slotFor(call: WaitingRequest, lease: Lease): Slot {
    const now = this.#clock.now();
    this.#ahead.noteUse(now);
    this.#inFlight += 1;
    let isSettled = false;
    const settle: Slot["settle"] = async ({ tokens: taken, isAnswered = false, isUnused } = {}) => {
      if (isSettled) return;
      const tokens = taken === undefined ? call.tokens : wholeTokens(taken);
      isSettled = true;
      this.#inFlight -= 1;
      const ended = { endedAt: databaseTimeOf(lease, this.#clock.now()), tokens, isAnswered };
      const change: Change = ({ state }, at) => state.settleAt(lease, ended, at.now);
      this.#defer(isUnused ? this.#returnTask(lease) : { change, isUrgent: this.#isWaitedFor });
      this.#startTurns();
    };
    return {
      grantedAt: lease.takenAt,
      waitedMs: now - call.askedAt,
      settle,
      [Symbol.asyncDispose]: () => settle(),
    };
  }

  /** The database is not available: waits before the next turn. */
  #pause(error: unknown, tasks: readonly TurnTask[]): void {
    this.#pauseMs = Math.min(maxPauseMs, Math.max(initialPauseMs, this.#pauseMs * 2));
    const { random = Math.random } = this.#options;
    this.#resumesAt = this.#clock.now() + this.#pauseMs * (0.5 + random() / 2);
    this.#tasks.putBack(tasks);
    this.#tasks.interrupt(error);
    this.#options.onOutage?.(error);
  }

  /** The database rejects the turn, and would reject it again. */
  #fail(error: unknown, tasks: readonly TurnTask[]): void {
    for (const call of this.#waiting.toArray()) call.fail(error);
    const deferred = tasks.filter(({ change, onFailed }) => change && !onFailed);
    this.#tasks.putBack(deferred.map((task) => ({ ...task, isUrgent: false })));
    this.#lastTurnAt = this.#clock.now();
    if (deferred.length > 0) this.#deferredAt = this.#lastTurnAt;
    for (const { onFailed } of tasks) onFailed?.(error);
  }

  async #inTime<T>(work: Promise<T>): Promise<T> {
    const { promise: timeout, reject } = Promise.withResolvers<never>();
    const error = new DatabaseTimeoutError(
      `The database has not answered within ${turnTimeoutMs / 1000} s`,
    );
    const cancel = this.#clock.after(turnTimeoutMs, () => reject(error), true);
    try {
      return await Promise.race([work, timeout]);
    } finally {
      cancel();
      work.catch(() => undefined);
    }
  }

  #listen(): void {
    this.#subscription ??= this.#options.database
      .listen(
        limitsChannel,
        (payload) => this.#onWake(payload),
        () => this.#requestTurn(),
      )
      .then((subscription) => {
        // Messages from before the subscription were missed.
        if (this.#waiting.size > 0) this.#requestTurn();
        return subscription;
      })
      .catch((error: unknown) => {
        // Without notifications, waiting calls poll the database.
        if (isOutage(error)) this.#subscription = undefined;
        return undefined;
      });
  }

  #setTimers(): void {
    this.#cancelBackgroundTimer();
    this.#cancelBackgroundTimer = () => undefined;
    const isWaiting = this.#waiting.size > 0;
    const heartbeatAt = this.#lastTurnAt + this.#deadAfterMs / 15;
    const waitsUntil = Math.max(this.#resumesAt, Math.min(this.#nextAt, heartbeatAt));
    this.#timer.set(isWaiting ? waitsUntil : Infinity);
    if (this.#closing) return;
    const backgroundAt = Math.min(
      this.#ahead.nextExpiryAt,
      this.#deferredAt + this.#ahead.forMs,
      this.#inFlight > 0 ? this.#lastTurnAt + this.#deadAfterMs / 3 : Infinity,
      this.#tasks.isUrgent ? this.#resumesAt : Infinity,
    );
    if (backgroundAt === Infinity) return;
    const afterMs = Math.max(0, Math.max(backgroundAt, this.#resumesAt) - this.#clock.now());
    this.#cancelBackgroundTimer = this.#clock.after(afterMs, () => this.#onTimer(), true);
  }
}

/** A turn's outcome, with what a later turn needs if it is unknown whether this one was committed. */
interface Plan extends TurnOutcome, Written {
  readonly uncertain: { readonly tasks: readonly TurnTask[]; readonly leases: readonly Lease[] };
}

/** @throws {RangeError} */
function checkOptions({
  limits,
  windowMs,
  safetyMarginMs,
}: Partial<PostgresRateLimiterOptions>): void {
  void new LimiterState({ limits, windowMs, safetyMarginMs });
}

function closedError(): Error {
  return new Error("The rate limiter is closed");
}
