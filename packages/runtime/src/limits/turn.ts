import type {
  QueueLoad,
  LimiterState,
  RateLimiterState,
  WaitingRequest,
} from "@orchestra/core/limits";
import { loadBefore, type Demand, type Holder, type SharedAccount } from "./shared-account.ts";

/** A slot that is booked in the database for this process. If no caller gets it, it is returned. */
export interface Lease {
  /** When it was booked, by the shared clock. */
  readonly takenAt: number;
  /** Latest instant at which it may be used. It is booked for that instant. */
  readonly until: number;
  readonly tokens: number;
  /** When its turn was started, by the process's own clock: shortly before it was booked. */
  readonly sentAt: number;
}

/** When a lease expires by the process's own clock, or shortly before that. */
export function expiresAt({ takenAt, until, sentAt }: Lease): number {
  return sentAt + (until - takenAt);
}

/**
 * Converts an instant of the process's own clock to the shared clock. The result may be late by the
 * time that it took to book the lease.
 */
export function databaseTimeOf({ takenAt, sentAt }: Lease, now: number): number {
  return takenAt + Math.max(0, now - sentAt);
}

/** A change of the account that a process makes in its turn. */
export type Change = (account: SharedAccount, at: TurnInstant) => void;

/** The instant of a turn. */
export interface TurnInstant {
  /** By the shared clock. */
  readonly now: number;
  /** By the process's own clock: shortly before {@link TurnInstant.now}. */
  readonly sentAt: number;
}

/** A process's input to its turn. */
export interface TurnRequest extends TurnInstant {
  readonly holderId: string;
  readonly turn: string;
  readonly changes: readonly Change[];
  /** Calls that wait, in their order. */
  readonly calls: readonly WaitingRequest[];
  /** Slots that callers hold. */
  readonly inFlight: number;
  /** Unused leases that it still has. */
  readonly ahead: number;
  /** How many leases it should have ahead of its calls. */
  readonly wantsAhead: number;
  /** How long a lease that is booked ahead can be used, in milliseconds. */
  readonly aheadMs: number;
  /** How long a lease for a waiting call may take to arrive, in milliseconds. */
  readonly allowanceMs: number;
  readonly onDayExceeded: "fail" | "delay";
}

/** The result of a turn, valid if it is committed. */
export interface TurnOutcome {
  readonly account: SharedAccount;
  readonly at: TurnInstant;
  /** The account's edition before this turn. */
  readonly edition: number;
  readonly granted: readonly { readonly call: WaitingRequest; readonly lease: Lease }[];
  readonly failed: readonly { readonly call: WaitingRequest; readonly error: Error }[];
  readonly ahead: readonly Lease[];
  /** When the first call that still waits can be granted; `Infinity` if another request has to end first. */
  readonly nextAt: number;
  /** Calls that wait in other processes. */
  readonly others: readonly (Demand & { readonly holderId: string })[];
  /** Ids of the processes to wake. */
  readonly wakes: readonly string[];
  readonly description: RateLimiterState;
}

/**
 * One process's turn at an account: applies its changes and grants slots to its calls, except those
 * that belong to calls of other processes which go first.
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
  // A lease can become a request without a further turn, so it counts as a request.
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
    wakes: [
      ...processesToWake(account, request, { before, after, edition, granted: granted.length }),
    ],
    description: state.describe(loadOf([...demandsOf(left), ...elsewhere]), now),
  };
}

function grantCalls(
  { state }: SharedAccount,
  request: TurnRequest,
  elsewhere: readonly Demand[],
): Pick<TurnOutcome, "granted" | "failed" | "nextAt"> {
  const { calls, now, onDayExceeded, allowanceMs } = request;
  const granted: { call: WaitingRequest; lease: Lease }[] = [];
  const failed: { call: WaitingRequest; error: Error }[] = [];
  let nextAt = -Infinity;
  for (const call of calls) {
    if (call.signal?.aborted) continue;
    const error =
      state.tokensError(call.tokens) ??
      state.refusalError(now) ??
      (onDayExceeded === "fail" ? state.dayError(now) : undefined);
    if (error) {
      failed.push({ call, error });
    } else if (nextAt <= now) {
      const before = loadBefore(
        { priority: call.priority, since: sinceOf(call, request) },
        elsewhere,
      );
      const load = { calls: before.calls + 1, tokens: before.tokens + call.tokens };
      nextAt = Math.max(state.fitsAt(load, now), state.hasRoomAt(load.calls, now));
      if (nextAt <= now) {
        granted.push({ call, lease: book(state, request, call.tokens, allowanceMs) });
      }
    }
  }
  return { granted, failed, nextAt };
}

/** Leases for future calls, while more than half of each limit is left. */
function leaseAhead(state: LimiterState, request: TurnRequest): Lease[] {
  const { now, wantsAhead, ahead, aheadMs, allowanceMs } = request;
  const leases: Lease[] = [];
  // The tokens of future calls are unknown, and a lease that expires before it arrives is useless.
  if (state.limits.tokensPerMinute !== Infinity || allowanceMs * 2 > aheadMs) return [];
  while (ahead + leases.length < wantsAhead && hasPlenty(state, now)) {
    leases.push(book(state, request, 0, aheadMs));
  }
  return leases;
}

function hasPlenty(state: LimiterState, now: number): boolean {
  const { remaining, limit, day, inFlight, maxInFlight } = state.describe(loadOf([]), now);
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

/** When a call was made, by the shared clock; the two clocks may differ by any amount. */
export function sinceOf({ askedAt }: WaitingRequest, { now, sentAt }: TurnInstant): number {
  return now - Math.max(0, sentAt - askedAt);
}

function demandOf(calls: readonly WaitingRequest[], request: TurnRequest): Demand[] {
  return demandsOf(calls).map(({ first, ...demand }) => ({
    ...demand,
    since: sinceOf(first, request),
  }));
}

/** One demand for each priority; the calls are sorted by priority. */
function demandsOf(calls: readonly WaitingRequest[]) {
  const demands: { priority: number; calls: number; tokens: number; first: WaitingRequest }[] = [];
  for (const call of calls) {
    const last = demands.at(-1);
    if (last?.priority === call.priority) {
      last.calls += 1;
      last.tokens += call.tokens;
    } else {
      demands.push({ priority: call.priority, calls: 1, tokens: call.tokens, first: call });
    }
  }
  return demands;
}

/**
 * The processes to wake after this turn. If slots have become free: those that go first, because the
 * others would find no slot left. If the limits have changed: all. If a call begins to wait: those with
 * requests or leases, because they delay their settlements while no call waits.
 */
function* processesToWake(
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
  const waitedBefore = sum(before?.demand ?? [], ({ calls }) => calls);
  const waitsNow = sum(after.demand, ({ calls }) => calls);
  if (changes.length > 0 || waitsNow + granted < waitedBefore) {
    const first = new Set(account.waiting(holderId).map((demand) => demand.holderId));
    yield* [...first].slice(0, Math.max(1, changes.length));
  }
  if (waitedBefore === 0 && waitsNow > 0) {
    for (const [id, { inFlight, ahead }] of account.others(holderId)) {
      if (inFlight + ahead > 0) yield id;
    }
  }
}

function loadOf(demands: readonly QueueLoad[]): QueueLoad {
  return {
    calls: sum(demands, ({ calls }) => calls),
    tokens: sum(demands, ({ tokens }) => tokens),
  };
}

function sum<Item>(items: readonly Item[], count: (item: Item) => number): number {
  return items.reduce((total, item) => total + count(item), 0);
}
