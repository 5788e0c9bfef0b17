import type { Crowd, LimiterState, RateLimiterState, WaitingCall } from "@orchestra/core/limits";
import { crowdBefore, type Demand, type Holder, type SharedAccount } from "./shared-account.ts";

/** Leave to send one request, booked in the database. Not given to a caller it has to be given back. */
export interface Lease {
  /** When it was booked, by the clock of all. */
  readonly takenAt: number;
  /** Until when it may be used, and as when it is booked. */
  readonly until: number;
  readonly tokens: number;
  /** By the process's own clock, an instant before it was booked. */
  readonly sentAt: number;
}

/** When a lease ends by the process's own clock, or a little before that. */
export function expiresAt({ takenAt, until, sentAt }: Lease): number {
  return sentAt + (until - takenAt);
}

/**
 * What the clock of all says at an instant of the process's own clock, or a little more: by as much as
 * asking for the lease had taken.
 */
export function databaseTimeOf({ takenAt, sentAt }: Lease, now: number): number {
  return takenAt + Math.max(0, now - sentAt);
}

/** What a process has to say in its turn. */
export type Change = (account: SharedAccount, at: TurnInstant) => void;

/** When a turn is taken. */
export interface TurnInstant {
  /** By the clock of all. */
  readonly now: number;
  /** By the process's own clock, an instant before {@link TurnInstant.now}. */
  readonly sentAt: number;
}

/** What one process comes with. */
export interface TurnRequest extends TurnInstant {
  readonly holderId: string;
  readonly turn: string;
  readonly changes: readonly Change[];
  /** Those who wait, in their order. */
  readonly calls: readonly WaitingCall[];
  /** Slots that its callers have. */
  readonly inFlight: number;
  /** Leases that it still has. */
  readonly ahead: number;
  /** How many leases it would like to have ahead. */
  readonly wantsAhead: number;
  /** How long a lease ahead may be used, in milliseconds. */
  readonly aheadMs: number;
  /** How long a lease that a call waits for may be on its way, in milliseconds. */
  readonly allowanceMs: number;
  readonly onDayExceeded: "fail" | "delay";
}

/** What comes of a turn, if it is committed. */
export interface TurnOutcome {
  readonly account: SharedAccount;
  readonly at: TurnInstant;
  /** Of what is allowed, as others left it. */
  readonly edition: number;
  readonly granted: readonly { readonly call: WaitingCall; readonly lease: Lease }[];
  readonly failed: readonly { readonly call: WaitingCall; readonly error: Error }[];
  readonly ahead: readonly Lease[];
  /** When the first who still waits can go, as far as anybody knows; `Infinity` where others have to end. */
  readonly nextAt: number;
  /** Who waits in other processes. */
  readonly others: readonly (Demand & { readonly holderId: string })[];
  /** Whom there is reason to wake. */
  readonly wakes: readonly string[];
  readonly description: RateLimiterState;
}

/**
 * One process's turn at an account: takes in what it has to say, grants what it can, and leaves what
 * is scarce to those whose turn comes first elsewhere.
 */
export function takeTurn(account: SharedAccount, request: TurnRequest): TurnOutcome {
  const { holderId, turn, now, changes, inFlight, calls } = request;
  const { state } = account;
  const before = account.holder(holderId);
  const edition = account.edition;
  const others = account.others(holderId).map(([, holder]) => holder);
  const elsewhere = account.waiting(holderId);

  state.inFlight = inFlight + sum(others, (other) => other.inFlight);
  for (const change of changes) change(account, request);
  // A lease may become a request without a word, so that until then it counts as one.
  const othersAhead = sum(others, (other) => other.ahead);
  state.inFlight += request.ahead + othersAhead;

  const { granted, failed, nextAt } = grantCalls(account, request, elsewhere);
  const gone = new Set([...granted, ...failed].map(({ call }) => call));
  const left = calls.filter((call) => !gone.has(call) && !call.signal?.aborted);
  const isCalm = granted.length > 0 && left.length === 0 && elsewhere.length === 0;
  const ahead = isCalm ? leaseAhead(state, request) : [];

  const after: Holder = {
    seenAt: now,
    turn,
    inFlight: inFlight + granted.length,
    ahead: request.ahead + ahead.length,
    demand: demandOf(left, request),
  };
  account.setHolder(holderId, after);
  state.inFlight -= after.ahead + othersAhead;
  return {
    account,
    at: { now, sentAt: request.sentAt },
    edition,
    granted,
    failed,
    ahead,
    nextAt,
    others: elsewhere,
    wakes: [...whomToWake(account, request, { before, after, edition, granted: granted.length })],
    description: state.describe(crowdOf([...demandsOf(left), ...elsewhere]), now),
  };
}

function grantCalls(
  { state }: SharedAccount,
  request: TurnRequest,
  elsewhere: readonly Demand[],
): Pick<TurnOutcome, "granted" | "failed" | "nextAt"> {
  const { calls, now, onDayExceeded, allowanceMs } = request;
  const granted: { call: WaitingCall; lease: Lease }[] = [];
  const failed: { call: WaitingCall; error: Error }[] = [];
  let nextAt = -Infinity;
  for (const call of calls) {
    if (call.signal?.aborted) continue;
    const error =
      state.tokensError(call.tokens) ??
      (onDayExceeded === "fail" ? state.dayError(now) : undefined);
    if (error) {
      failed.push({ call, error });
    } else if (nextAt <= now) {
      const before = crowdBefore({ rank: call.rank, since: sinceOf(call, request) }, elsewhere);
      const crowd = { calls: before.calls + 1, tokens: before.tokens + call.tokens };
      nextAt = Math.max(state.fitsAt(crowd, now), state.hasRoomAt(crowd.calls, now));
      if (nextAt <= now) {
        granted.push({ call, lease: book(state, request, call.tokens, allowanceMs) });
      }
    }
  }
  return { granted, failed, nextAt };
}

/** Leases for calls that have not been made yet, while at least half of everything is left. */
function leaseAhead(state: LimiterState, request: TurnRequest): Lease[] {
  const { now, wantsAhead, ahead, aheadMs, allowanceMs } = request;
  const leases: Lease[] = [];
  // Nobody knows how many tokens the next call takes; and what expires on the way is of no use.
  if (state.limits.tokensPerMinute !== Infinity || allowanceMs * 2 > aheadMs) return [];
  while (ahead + leases.length < wantsAhead && hasPlenty(state, now)) {
    leases.push(book(state, request, 0, aheadMs));
  }
  return leases;
}

function hasPlenty(state: LimiterState, now: number): boolean {
  const { remaining, limit, day, inFlight, maxInFlight } = state.describe(crowdOf([]), now);
  return (
    isHalfLeft(remaining, limit) &&
    isHalfLeft(day.limit - day.used, day.limit) &&
    isHalfLeft(maxInFlight - inFlight, maxInFlight) &&
    state.dayError(now) === undefined
  );
}

function book(state: LimiterState, request: TurnRequest, tokens: number, forMs: number): Lease {
  const { now, sentAt } = request;
  const until = now + forMs;
  state.take(tokens, now, until);
  return { takenAt: now, until, tokens, sentAt };
}

function isHalfLeft(left: number, limit: number): boolean {
  return left === Infinity || left > limit / 2;
}

/** Since when a call waits, by the clock of all; the two clocks may differ by any amount. */
export function sinceOf({ askedAt }: WaitingCall, { now, sentAt }: TurnInstant): number {
  return now - Math.max(0, sentAt - askedAt);
}

function demandOf(calls: readonly WaitingCall[], request: TurnRequest): Demand[] {
  return demandsOf(calls).map(({ first, ...demand }) => ({
    ...demand,
    since: sinceOf(first, request),
  }));
}

/** One demand for each rank. */
function demandsOf(calls: readonly WaitingCall[]) {
  const demands: { rank: number; calls: number; tokens: number; first: WaitingCall }[] = [];
  for (const call of calls) {
    const last = demands.at(-1);
    if (last?.rank === call.rank) {
      last.calls += 1;
      last.tokens += call.tokens;
    } else {
      demands.push({ rank: call.rank, calls: 1, tokens: call.tokens, first: call });
    }
  }
  return demands;
}

/**
 * Whom this turn concerns. Where something has become free, those whose turn comes first: all of them
 * would only find that it is gone. Where more or less is allowed, everybody. And where a call has to
 * wait, those who may have something to settle and took their time, as nobody waited.
 */
function* whomToWake(
  account: SharedAccount,
  { holderId, changes }: TurnRequest,
  turn: {
    readonly before: Holder | undefined;
    readonly after: Holder;
    readonly edition: number;
    readonly granted: number;
  },
): Generator<string> {
  const { before, after, edition, granted } = turn;
  if (account.edition !== edition) {
    for (const [id] of account.others(holderId)) yield id;
    return;
  }
  const wanted = sum(before?.demand ?? [], ({ calls }) => calls);
  const wants = sum(after.demand, ({ calls }) => calls);
  if (changes.length > 0 || wants + granted < wanted) {
    const first = new Set(account.waiting(holderId).map((demand) => demand.holderId));
    yield* [...first].slice(0, Math.max(1, changes.length));
  }
  if (wanted === 0 && wants > 0) {
    for (const [id, { inFlight, ahead }] of account.others(holderId)) {
      if (inFlight + ahead > 0) yield id;
    }
  }
}

function crowdOf(demands: readonly Crowd[]): Crowd {
  return {
    calls: sum(demands, ({ calls }) => calls),
    tokens: sum(demands, ({ tokens }) => tokens),
  };
}

function sum<Item>(items: readonly Item[], count: (item: Item) => number): number {
  return items.reduce((total, item) => total + count(item), 0);
}
