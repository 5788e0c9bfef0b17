import { createHash } from "node:crypto";
import type { BookEntry } from "@orchestra/sandbox";
import type { Kill } from "./fleet.ts";

/** A request that the sandbox has recorded, with its run and its worker. */
export interface BookedCall {
  /** The generation id. */
  readonly id: string;
  readonly run: string;
  /** Hash of the body. A repeated call has the same hash. */
  readonly request: string;
  /** Name of the process that has sent it. */
  readonly worker: string;
  readonly status: number;
  readonly startedAt: number;
  /** When the last byte of the answer was sent, or the client disconnected. */
  readonly endedAt: number;
  /** Whether the client disconnected before it had the whole answer. */
  readonly isCutOff: boolean;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** A time in which the database was not available, in milliseconds since the epoch. */
export interface Outage {
  readonly from: number;
  readonly to: number;
}

/**
 * Maximum time from the last byte that the sandbox sends until a worker has stored the answer in the journal, in
 * milliseconds. It is enough for the socket, the parsing and the statement, also on a busy machine.
 */
export const keepingMs = 5000;

/** @param runOf - Finds the run of a request by its text. */
export function bookedCall(entry: BookEntry, runOf: (text: string) => string): BookedCall {
  const text = JSON.stringify(entry.body);
  return {
    id: entry.id,
    run: runOf(text),
    request: createHash("sha256").update(text).digest("hex"),
    worker: entry.headers["x-title"] ?? "",
    status: entry.status,
    startedAt: entry.startedAt,
    endedAt: entry.endedAt ?? Infinity,
    isCutOff: entry.aborted || entry.endedAt === undefined,
    promptTokens: entry.promptTokens,
    completionTokens: entry.completionTokens,
  };
}

/** What determines whether a call was lost with its worker. */
export interface Circumstances {
  readonly kills: readonly Kill[];
  readonly outages: readonly Outage[];
  /** Generation ids of the answers in the journals. */
  readonly kept: ReadonlySet<string>;
}

/**
 * Whether the call's worker was killed before it could store the answer: no journal has the answer, and the kill was
 * at most {@link keepingMs} after it was sent.
 */
export function wasInFlight(call: BookedCall, { kills, outages, kept }: Circumstances): boolean {
  const kill = kills.find(({ worker }) => worker === call.worker);
  // Requests that arrive after the kill were sent before it.
  if (!kill || kept.has(call.id)) return false;
  if (call.isCutOff) return true;
  const keptBy = call.endedAt + keepingMs;
  const outage = outages.find(({ from, to }) => call.endedAt <= to && from <= keptBy);
  return kill.at <= (outage ? outage.to + keepingMs : keptBy);
}

/** A call, and later calls of the same run with the same body. */
export type Repeats = readonly [first: BookedCall, ...again: BookedCall[]];

/** Calls that were made more than once, each in the order of its requests. Refused requests do not count. */
export function repeatsAmong(calls: readonly BookedCall[]): Repeats[] {
  const answered = calls.filter(({ status }) => status < 400);
  const groups = Map.groupBy(answered, ({ run, request }) => `${run} ${request}`);
  return [...groups.values()]
    .map((group) => group.toSorted((a, b) => a.startedAt - b.startedAt))
    .filter((group): group is [BookedCall, ...BookedCall[]] => group.length > 1);
}

/** The maximum number of instants within one window. */
export function fullestWindow(instants: readonly number[], windowMs: number): number {
  const sorted = instants.toSorted((a, b) => a - b);
  let first = 0;
  return sorted.reduce((most, at, index) => {
    while (at - (sorted[first] ?? at) >= windowMs) first += 1;
    return Math.max(most, index - first + 1);
  }, 0);
}
