import {
  LimiterState,
  type QueueLoad,
  type RateLimiterState,
  type WaitingRequest,
} from "@orchestra/core/limits";
import type { Grant } from "./booked-later.ts";
import type { BookedSlot } from "./booked-slot.ts";
import type { SyncOptions, SyncReply, SyncRequest } from "./sync-messages.ts";
import {
  demandsBefore,
  loadBefore,
  sinceOf,
  toDemand,
  type Demand,
  type SyncInstant,
} from "./waiting-load.ts";

/** A sync as it was sent. */
export interface SentSync {
  readonly request: Pick<SyncRequest, "sentAt" | "allowanceMs" | "aheadMs" | "horizonMs">;
  /** The calls of the request. */
  readonly calls: readonly WaitingRequest[];
  readonly options: SyncOptions;
}

/** The result of a committed sync. */
export class SyncOutcome {
  readonly at: SyncInstant;
  readonly edition: number;
  readonly editionBefore: number;
  readonly granted: readonly Grant[];
  readonly failed: readonly WaitingRequest[];
  readonly ahead: readonly BookedSlot[];
  /** Calls that still wait in this process, in their order. */
  readonly left: readonly WaitingRequest[];
  /** Calls that wait in other processes, in their order. */
  readonly elsewhere: readonly Demand[];
  readonly #reply: SyncReply;
  readonly #options: SyncOptions;
  readonly #horizonMs: number;
  #state: LimiterState | undefined;

  constructor(reply: SyncReply, { request, calls, options }: SentSync) {
    const { now, edition, editionBefore, elsewhere } = reply;
    const { sentAt, allowanceMs, aheadMs, horizonMs } = request;
    const book = (tokens: number, forMs: number, from = now): BookedSlot => {
      return { takenAt: now, from, until: from + forMs, tokens, sentAt };
    };
    this.at = { now, sentAt };
    this.edition = edition;
    this.editionBefore = editionBefore;
    this.granted = reply.granted.flatMap((index, position) => {
      const call = calls[index];
      const from = reply.grantedFrom[position];
      return call ? [{ call, slot: book(call.tokens, allowanceMs, from) }] : [];
    });
    this.failed = calls.filter((_, index) => reply.failed.includes(index));
    this.ahead = Array.from({ length: reply.bookedAhead }, () => book(0, aheadMs));
    const gone = new Set([...this.failed, ...this.granted.map(({ call }) => call)]);
    this.left = calls.filter((call) => !gone.has(call));
    this.elsewhere = elsewhere.map(toDemand);
    this.#reply = reply;
    this.#options = options;
    this.#horizonMs = horizonMs;
  }

  /** Whether the end of a request may free a slot before its minute has passed. */
  get endFreesSlot(): boolean {
    const { limits = {}, inFlight = {} } = this.#reply.limiter;
    return (
      limits.maxConcurrency !== undefined ||
      limits.tokensPerMinute !== undefined ||
      inFlight.shrunkTo !== undefined
    );
  }

  /** The error of a call that can get no slot. */
  errorOf({ tokens }: WaitingRequest): Error | undefined {
    const { now } = this.at;
    return (
      this.#limiter.tokensError(tokens) ??
      this.#limiter.refusalError(now) ??
      this.#limiter.dayError(now)
    );
  }

  /** How long until a load can be granted by the limits per minute and day, in milliseconds. */
  waitOf(load: QueueLoad): number {
    return this.#limiter.fitsAt(load, this.at.now) - this.at.now;
  }

  loadBefore(call: WaitingRequest): QueueLoad {
    return loadBefore(this.#placeOf(call), this.elsewhere);
  }

  describe(): RateLimiterState {
    const load = sumOf([
      ...this.left.map(({ tokens }) => ({ calls: 1, tokens })),
      ...this.elsewhere,
    ]);
    return this.#limiter.describe(load, this.at.now);
  }

  /**
   * How long until this process has to sync for the first call that still waits, in milliseconds, if it is
   * not woken before; `Infinity` if it need not sync.
   */
  get nextSyncInMs(): number {
    const [first] = this.left;
    if (!first) return Infinity;
    const before = this.loadBefore(first);
    const { now } = this.at;
    const { deadAt } = this.#reply;
    const own = this.#grantableAt({
      calls: before.calls + 1,
      tokens: before.tokens + first.tokens,
    });
    const places = demandsBefore(this.#placeOf(first), this.elsewhere).length;
    if (places === 0) return Math.min(this.#askAt(own), deadAt ?? Infinity) - now;
    // Processes wake the next one. This is for the case that all processes before this one have died.
    const others = this.#grantableAt(before);
    const patienceMs = (places * this.#options.deadAfterMs) / 6;
    return (others === Infinity ? 0 : others - now) + patienceMs;
  }

  /** How long until the first call that still waits can be granted, in milliseconds, at the earliest. */
  get grantableInMs(): number {
    const [first] = this.left;
    if (!first) return Infinity;
    const { calls, tokens } = this.loadBefore(first);
    return this.#grantableAt({ calls: calls + 1, tokens: tokens + first.tokens }) - this.at.now;
  }

  /** When to request a slot, so that it is booked before it is free: at least a round trip before that. */
  #askAt(grantableAt: number): number {
    const isBookedBefore = !this.endFreesSlot && grantableAt > this.at.now + this.#horizonMs;
    return isBookedBefore ? grantableAt - this.#horizonMs * 0.75 : grantableAt;
  }

  #grantableAt(load: QueueLoad): number {
    const { now } = this.at;
    const state = this.#limiter;
    // A slot that is booked ahead can become a request at any time.
    const calls = load.calls + this.#reply.ahead;
    return Math.max(state.fitsAt(load, now), state.hasRoomAt(calls, now));
  }

  #placeOf(call: WaitingRequest): Pick<Demand, "priority" | "since"> {
    return { priority: call.priority, since: sinceOf(call, this.at) };
  }

  get #limiter(): LimiterState {
    const { windowMs, marginMs, maxRefusalMs, maxRefusalWaitMs } = this.#options;
    this.#state ??= LimiterState.fromJSON(
      this.#reply.limiter,
      { windowMs, safetyMarginMs: marginMs, maxRefusalMs, maxRefusalWaitMs },
      this.at.now,
    );
    return this.#state;
  }
}

function sumOf(loads: readonly QueueLoad[]): QueueLoad {
  return {
    calls: loads.reduce((total, { calls }) => total + calls, 0),
    tokens: loads.reduce((total, { tokens }) => total + tokens, 0),
  };
}
