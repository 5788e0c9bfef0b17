import { randomUUID } from "node:crypto";
import { systemClock, type Clock } from "@orchestra/core";
import {
  Alarm,
  LimiterState,
  nonNegative,
  positive,
  WaitingCall,
  WaitingLine,
  wholeTokens,
  type AcquireOptions,
  type RateLimiter,
  type RateLimiterState,
  type RateLimits,
  type Refusal,
  type Slot,
} from "@orchestra/core/limits";
import { limitsChange, noted } from "./changes.ts";
import { isAway, SilenceError } from "./is-away.ts";
import { LeasesAhead } from "./leases-ahead.ts";
import { limitsChannel, LimitsTable, type WakeMessage, type Written } from "./limits-table.ts";
import type { PostgresRateLimiterOptions } from "./postgres-rate-limiter-options.ts";
import { RoundTrips } from "./round-trips.ts";
import { crowdBefore, SharedAccount, type SharedAccountJson } from "./shared-account.ts";
import {
  databaseTimeOf,
  expiresAt,
  sinceOf,
  takeTurn,
  type Change,
  type Lease,
  type TurnOutcome,
} from "./turn.ts";
import { TurnQueue, type Entry } from "./turn-queue.ts";
import { UnsureTurns } from "./unsure-turns.ts";

const firstPauseMs = 50;
const longestPauseMs = 2000;
/** After this long without an answer another connection is tried. */
const longestTurnMs = 10_000;
/** A first guess of how long the database takes, until it is known. */
const firstRoundTripMs = 25;

/**
 * A rate limiter for one account that any number of processes use, which share its state in a
 * database. It keeps the rules of the one in memory, by the very same code.
 *
 * A process asks in turns: one short transaction says what has ended, and takes slots for as many of
 * its calls as can go. Slots are booked for the last instant at which they may be used, by the
 * database's time, so that no window ever holds more than the limit, whatever the clocks of the
 * processes say and however long the answer was on its way.
 *
 * Across processes a higher priority goes first, and within one whoever has waited for longer, as far
 * as the first that waits in each process tells.
 *
 * While the database is away calls wait, and nothing that only has something to say does: what is
 * settled, refused or limited is written when it is back. An error that the database gives for an
 * answer fails the calls. No timer keeps the process alive but for calls that wait.
 */
export class PostgresRateLimiter implements RateLimiter, AsyncDisposable {
  readonly #options: PostgresRateLimiterOptions;
  readonly #clock: Clock;
  readonly #table: LimitsTable;
  readonly #holderId: string;
  readonly #deadAfterMs: number;
  readonly #line = new WaitingLine<WaitingCall>();
  readonly #queue = new TurnQueue();
  readonly #unsure = new UnsureTurns();
  readonly #roundTrips: RoundTrips;
  readonly #ahead: LeasesAhead;
  /** Rings for calls that wait. */
  readonly #alarm: Alarm;
  /** Those who came since the last turn began. */
  #newcomers = new Set<WaitingCall>();
  /** Slots that callers have. */
  #inFlight = 0;
  /** Whether calls wait in other processes. */
  #othersWait = false;
  /** The last of what is allowed that everybody here was told of. */
  #edition: number | undefined;
  /** The turn under way, or the last one. */
  #turn: string | undefined;
  #turning: Promise<void> | undefined;
  // Instants of the process's own clock.
  #lastTurnAt = -Infinity;
  /** When the first who waits here can go. */
  #nextAt = Infinity;
  /** Since when there is something to say that can wait. */
  #mentionedAt = Infinity;
  /** Until when the database, which is away, is left alone. */
  #resumesAt = -Infinity;
  #pauseMs = 0;
  #cancelChore: () => void = () => undefined;
  #subscription: Promise<AsyncDisposable | undefined> | undefined;
  #closing: Promise<void> | undefined;

  /** @throws {RangeError} where an option is out of its range */
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
    this.#roundTrips = new RoundTrips(reference ? 0 : firstRoundTripMs);
    this.#alarm = new Alarm(this.#clock, () => this.#ring());
    if (limits) this.#queue.push({ change: limitsChange(limits), isUrgent: false });
  }

  async acquire(options: AcquireOptions = {}): Promise<Slot> {
    options.signal?.throwIfAborted();
    if (this.#closing) throw closedError();
    const now = this.#clock.now();
    const call = new WaitingCall(options, this.#line, now);
    const lease = this.#line.size === 0 ? this.#ahead.use(now) : undefined;
    if (lease) {
      call.grant(this.#slotFor(call, lease));
    } else {
      this.#line.join(call);
      this.#newcomers.add(call);
      call.failOnAbort(() => this.#ask());
      this.#ask();
    }
    return call.slot;
  }

  async backOff({ until, ...refusal }: Refusal): Promise<void> {
    if (Number.isNaN(until)) throw new RangeError("until is NaN; expected an instant");
    if (until <= this.#clock.now()) return;
    const change = noted(({ state }, { now, sentAt }) =>
      state.refuse({ ...refusal, until: now + (until - sentAt) }, now),
    );
    await this.#say({ change, tellsAll: true });
  }

  async setLimits(limits: RateLimits): Promise<void> {
    checkOptions({ limits });
    await this.#say({ change: limitsChange(limits), tellsAll: true });
  }

  async countDay(used: number): Promise<void> {
    nonNegative("used", used);
    await this.#say({ change: noted(({ state }, { now }) => state.countDay(used, now)) });
  }

  /** @throws what the database throws, where it cannot be asked */
  state(): Promise<RateLimiterState> {
    return new Promise((resolve, reject) => {
      this.#queue.push({
        isUrgent: true,
        isBarrier: true,
        done: ({ description }) => resolve(description),
        interrupted: reject,
        failed: reject,
      });
      this.#go();
    });
  }

  /**
   * Gives back what is not used, and stops. Calls that wait fail; slots that callers still have can
   * be settled as ever, for as long as the database is open.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    for (const call of this.#line.everyone()) call.fail(closedError());
    await this.#turning;
    this.#giveBack(this.#ahead.takeAll());
    // The last turn says goodbye. Where there was none, nobody knows this process.
    if (this.#subscription || !this.#queue.isEmpty) this.#ring();
    await this.#turning;
    this.#setTimers();
    await (await this.#subscription)?.[Symbol.asyncDispose]();
  }

  /** Says what others have to know, behind the calls that were made before. */
  #say(entry: Pick<Entry, "change" | "tellsAll">): Promise<void> {
    // What was taken ahead was taken under what held till now.
    this.#giveBack(this.#ahead.takeAll());
    return new Promise((resolve, reject) => {
      this.#queue.push({
        ...entry,
        isUrgent: true,
        isBarrier: true,
        done: () => resolve(),
        interrupted: () => resolve(),
        failed: reject,
      });
      if (this.#isPaused) resolve();
      this.#go();
    });
  }

  /** Says what can wait a little, unless somebody waits for it. */
  #mention(entry: Entry): void {
    this.#mentionedAt = Math.min(this.#mentionedAt, this.#clock.now());
    this.#queue.push(entry);
  }

  #returnOf(lease: Lease): Entry {
    return { change: ({ state }) => state.giveBack(lease), isUrgent: this.#isAwaited };
  }

  #giveBack(leases: readonly Lease[]): void {
    for (const lease of leases) this.#mention(this.#returnOf(lease));
  }

  /** Whether anybody waits for what becomes free here; or no timer will say it later. */
  get #isAwaited(): boolean {
    return this.#line.size > 0 || this.#othersWait || this.#closing !== undefined;
  }

  /** Wants a turn for those who wait. */
  #ask(): void {
    this.#queue.ask();
    this.#go();
  }

  /** A timer has rung, of those that {@link #setTimers} sets. */
  #ring(): void {
    this.#resumesAt = -Infinity;
    this.#ask();
  }

  /** Another process has something for those who wait here, or waits for what is kept here. */
  #hear(payload: string): void {
    const { account, wakes } = JSON.parse(payload) as WakeMessage;
    if (account !== this.#options.account || !wakes.includes(this.#holderId)) return;
    this.#othersWait = true;
    this.#giveBack(this.#ahead.takeAll());
    if (this.#line.size > 0 || !this.#queue.isEmpty) this.#ask();
  }

  get #isPaused(): boolean {
    return this.#clock.now() < this.#resumesAt;
  }

  #go(): void {
    if (this.#turning) return;
    if (this.#queue.isUrgent && !this.#isPaused) this.#turning = this.#takeTurns();
    else this.#setTimers();
  }

  async #takeTurns(): Promise<void> {
    this.#listen();
    try {
      while (this.#queue.isUrgent && !this.#isPaused) await this.#takeTurn();
    } finally {
      this.#turning = undefined;
      this.#setTimers();
    }
  }

  async #takeTurn(): Promise<void> {
    const sentAt = this.#clock.now();
    const turn = randomUUID();
    this.#turn = turn;
    this.#mentionedAt = Infinity;
    const taken = this.#queue.take();
    // What was taken ahead is for nobody yet; those who wait come first, and a change changes it.
    const isOver = this.#line.size > 0 || taken.some(({ isBarrier }) => isBarrier);
    const unused = isOver ? this.#ahead.takeAll() : this.#ahead.takeExpired(sentAt);
    const entries = [...unused.map((lease) => this.#returnOf(lease)), ...taken];
    const fresh = this.#newcomers;
    this.#newcomers = new Set();
    let planned: Plan | undefined;
    try {
      const plan = await this.#inTime(
        this.#table.change((json, databaseNow) => {
          // It took so long that it was given up; nobody would heed what came of it.
          if (turn !== this.#turn) throw new SilenceError("The turn came too late");
          planned = this.#plan(json, databaseNow, { turn, sentAt, entries });
          return planned;
        }),
      );
      this.#unsure.clear();
      this.#pauseMs = 0;
      this.#heed(plan, entries, fresh);
    } catch (error) {
      this.#turn = undefined;
      for (const call of fresh) this.#newcomers.add(call);
      if (planned) this.#unsure.add({ turn, ...planned.unsure });
      if (isAway(error)) this.#pause(error, entries);
      else this.#fail(error, entries);
    }
  }

  /** What this process does with the account's document. Changes nothing else: it may be undone. */
  #plan(
    json: SharedAccountJson,
    databaseNow: number,
    { turn, sentAt, entries }: { turn: string; sentAt: number; entries: readonly Entry[] },
  ): Plan {
    const { windowMs, safetyMarginMs, onDayExceeded = "fail", reference } = this.#options;
    const now = reference?.() ?? databaseNow;
    const options = { windowMs, safetyMarginMs, deadAfterMs: this.#deadAfterMs };
    const account = new SharedAccount(json, options, now);
    const lastTurn = account.holder(this.#holderId)?.turn;
    const said = this.#unsure.resolve(lastTurn, entries);
    const returns = said.unused.map((lease) => this.#returnOf(lease));
    const outcome = takeTurn(account, {
      holderId: this.#holderId,
      turn,
      now,
      sentAt,
      changes: [...returns, ...said.entries].flatMap(({ change }) => change ?? []),
      calls: this.#line.everyone().filter((call) => !this.#newcomers.has(call)),
      inFlight: this.#inFlight,
      ahead: this.#ahead.count,
      wantsAhead: this.#closing ? 0 : this.#ahead.wanted(sentAt),
      aheadMs: this.#ahead.forMs,
      allowanceMs: this.#roundTrips.allowanceMs,
      onDayExceeded,
    });
    if (this.#closing && this.#inFlight === 0) account.forgetHolder(this.#holderId);
    const leases = [...outcome.granted.map(({ lease }) => lease), ...outcome.ahead];
    return { ...outcome, json: account.toJSON(), unsure: { entries: said.entries, leases } };
  }

  /** Does what a turn, which was committed, has decided. */
  #heed(outcome: TurnOutcome, entries: readonly Entry[], fresh: ReadonlySet<WaitingCall>): void {
    const now = this.#clock.now();
    this.#lastTurnAt = now;
    this.#roundTrips.add(now - outcome.at.sentAt);
    this.#othersWait = outcome.others.length > 0;
    this.#nextAt = now + (outcome.nextAt - outcome.at.now);
    this.#ahead.add(outcome.ahead);
    for (const { call, error } of outcome.failed) if (this.#line.has(call)) call.fail(error);
    for (const { call, lease } of outcome.granted) {
      const isLate = now > expiresAt(lease);
      if (!isLate && this.#line.has(call)) {
        call.grant(this.#slotFor(call, lease));
      } else {
        this.#giveBack([lease]);
        this.#newcomers.add(call);
        if (isLate) this.#ask();
      }
    }
    const isNews = this.#edition !== undefined && this.#edition !== outcome.edition;
    this.#edition = outcome.account.edition;
    const isForAll = isNews || entries.some(({ tellsAll }) => tellsAll);
    this.#tell(outcome, isForAll ? undefined : fresh);
    for (const { done } of entries) done?.(outcome);
  }

  /** @param whom - Everybody who had a place in the turn, if nobody is named. */
  #tell({ account, at, others }: TurnOutcome, whom?: ReadonlySet<WaitingCall>): void {
    let before = { calls: 0, tokens: 0 };
    for (const call of this.#line.everyone()) {
      // What another one did when it was told may have ended this one's wait.
      if (!this.#line.has(call) || this.#newcomers.has(call)) continue;
      const elsewhere = crowdBefore({ rank: call.rank, since: sinceOf(call, at) }, others);
      before = { calls: before.calls + 1, tokens: before.tokens + call.tokens };
      if (!call.listens || whom?.has(call) === false) continue;
      const crowd = {
        calls: before.calls + elsewhere.calls,
        tokens: before.tokens + elsewhere.tokens,
      };
      if (!call.tell(account.state.fitsAt(crowd, at.now) - at.now)) this.#ask();
    }
  }

  #slotFor(call: WaitingCall, lease: Lease): Slot {
    const now = this.#clock.now();
    this.#ahead.noteUse(now);
    this.#inFlight += 1;
    let isSettled = false;
    const settle: Slot["settle"] = async ({ tokens: taken, isAnswered = false } = {}) => {
      if (isSettled) return;
      const tokens = taken === undefined ? call.tokens : wholeTokens(taken);
      isSettled = true;
      this.#inFlight -= 1;
      const ended = { endedAt: databaseTimeOf(lease, this.#clock.now()), tokens, isAnswered };
      const change: Change = ({ state }, at) => state.settleAt(lease, ended, at.now);
      this.#mention({ change, isUrgent: this.#isAwaited });
      this.#go();
    };
    return {
      grantedAt: lease.takenAt,
      waitedMs: now - call.askedAt,
      settle,
      [Symbol.asyncDispose]: () => settle(),
    };
  }

  /** Leaves the database alone for a while. */
  #pause(error: unknown, entries: readonly Entry[]): void {
    this.#pauseMs = Math.min(longestPauseMs, Math.max(firstPauseMs, this.#pauseMs * 2));
    const { random = Math.random } = this.#options;
    this.#resumesAt = this.#clock.now() + this.#pauseMs * (0.5 + random() / 2);
    this.#queue.putBack(entries);
    this.#queue.interrupt(error);
    this.#options.onOutage?.(error);
  }

  /** Waiting does not help. */
  #fail(error: unknown, entries: readonly Entry[]): void {
    for (const call of this.#line.everyone()) call.fail(error);
    const mentioned = entries.filter(({ change, failed }) => change && !failed);
    this.#queue.putBack(mentioned.map((entry) => ({ ...entry, isUrgent: false })));
    this.#lastTurnAt = this.#clock.now();
    if (mentioned.length > 0) this.#mentionedAt = this.#lastTurnAt;
    for (const { failed } of entries) failed?.(error);
  }

  async #inTime<T>(work: Promise<T>): Promise<T> {
    const { promise: silence, reject } = Promise.withResolvers<never>();
    const error = new SilenceError(`The database has not answered for ${longestTurnMs / 1000} s`);
    const cancel = this.#clock.after(longestTurnMs, () => reject(error), true);
    try {
      return await Promise.race([work, silence]);
    } finally {
      cancel();
      work.catch(() => undefined);
    }
  }

  #listen(): void {
    this.#subscription ??= this.#options.database
      .listen(
        limitsChannel,
        (payload) => this.#hear(payload),
        () => this.#ask(),
      )
      .then((subscription) => {
        // What was said before it began was not heard.
        if (this.#line.size > 0) this.#ask();
        return subscription;
      })
      .catch((error: unknown) => {
        // A database that cannot notify is asked now and then by those who wait.
        if (isAway(error)) this.#subscription = undefined;
        return undefined;
      });
  }

  #setTimers(): void {
    this.#cancelChore();
    this.#cancelChore = () => undefined;
    const isWaiting = this.#line.size > 0;
    const wordAt = this.#lastTurnAt + this.#deadAfterMs / 15;
    const waitsUntil = Math.max(this.#resumesAt, Math.min(this.#nextAt, wordAt));
    this.#alarm.set(isWaiting ? waitsUntil : Infinity);
    if (this.#closing) return;
    const choreAt = Math.min(
      this.#ahead.nextExpiryAt,
      this.#mentionedAt + this.#ahead.forMs,
      this.#inFlight > 0 ? this.#lastTurnAt + this.#deadAfterMs / 3 : Infinity,
      this.#queue.isUrgent ? this.#resumesAt : Infinity,
    );
    if (choreAt === Infinity) return;
    const afterMs = Math.max(0, Math.max(choreAt, this.#resumesAt) - this.#clock.now());
    this.#cancelChore = this.#clock.after(afterMs, () => this.#ring(), true);
  }
}

/** A turn's outcome with all that a later one needs where nobody knows whether it was committed. */
interface Plan extends TurnOutcome, Written {
  readonly unsure: { readonly entries: readonly Entry[]; readonly leases: readonly Lease[] };
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
  return new Error("The rate limiter has been closed");
}
