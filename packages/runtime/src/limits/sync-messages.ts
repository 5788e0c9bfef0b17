import type { LimiterStateJson } from "@orchestra/core/limits";
import type { LimiterChange } from "./limiter-change.ts";

/** The rules of an account, the same in all processes. Durations are in milliseconds. */
export interface SyncOptions {
  readonly windowMs: number;
  readonly marginMs: number;
  readonly maxRefusalMs?: number | undefined;
  readonly maxRefusalWaitMs?: number | undefined;
  /** Whether calls wait for the next day when the requests of the day are used up. */
  readonly waitsForDay: boolean;
  readonly deadAfterMs: number;
}

/** A call that waits; `askedAt` is by the process's own clock. */
export type CallEntry = readonly [priority: number, tokens: number, askedAt: number];

/** What a process sends in one sync. */
export interface SyncRequest {
  readonly options: SyncOptions;
  /** By the process's own clock. */
  readonly sentAt: number;
  /** For tests. @defaultValue the database's time */
  readonly now?: number | undefined;
  /** Where other processes are notified. */
  readonly channel: string;
  /** Number of the last sync whose reply the process has received. */
  readonly confirmed: number;
  /** With the number of the sync that had it first: a change is applied once, however often it is sent. */
  readonly changes: readonly (LimiterChange & { readonly sentIn: number })[];
  /** In their order. */
  readonly calls: readonly CallEntry[];
  /** Slots that callers hold. */
  readonly inFlight: number;
  /** Unused slots that are booked ahead of calls. */
  readonly ahead: number;
  readonly wantsAhead: number;
  /** How long a slot that is booked ahead can be used. */
  readonly aheadMs: number;
  /** How long a slot for a waiting call may take to arrive. */
  readonly allowanceMs: number;
  /** How long before a slot becomes free by the requests per minute it is booked for a waiting call. */
  readonly horizonMs: number;
}

/** The calls of one priority that wait in another process; `since` is by the shared clock. */
export type DemandEntry = readonly [
  holderId: string,
  priority: number,
  calls: number,
  tokens: number,
  since: number,
];

/** What the database answers, by the shared clock. */
export interface SyncReply {
  readonly now: number;
  /** Positions of the calls in the request. */
  readonly granted: readonly number[];
  /** When the slot of each becomes free: now, or within the request's horizon. */
  readonly grantedFrom: readonly number[];
  readonly failed: readonly number[];
  /** Slots that this sync has booked ahead of calls. */
  readonly bookedAhead: number;
  readonly limiter: LimiterStateJson;
  /** Slots that all processes have booked ahead of calls. */
  readonly ahead: number;
  /** Increases when the limits change, or a refusal does: all waiting calls are notified again. */
  readonly edition: number;
  /** Before the changes of this sync. */
  readonly editionBefore: number;
  /** Calls that wait in other processes, in the order in which they are served. */
  readonly elsewhere: readonly DemandEntry[];
  /** When the next process with requests in flight counts as dead, unless it writes before. */
  readonly deadAt: number | null;
}
