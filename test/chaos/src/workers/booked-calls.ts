import { createHash } from "node:crypto";
import type { BookEntry } from "@orchestra/sandbox";
import type { Kill } from "./fleet.ts";

/** A request as the sandbox's books have it: whose it is, and what it asks. */
export interface BookedCall {
  /** The generation's id. */
  readonly id: string;
  readonly run: string;
  /** Hash of the request: the same call made again has the same. */
  readonly request: string;
  /** The process that sent it. */
  readonly worker: string;
  readonly status: number;
  readonly startedAt: number;
  /** When the last of the answer left, or the client was gone. */
  readonly endedAt: number;
  /** Whether the client was gone before it had the whole answer. */
  readonly isCutOff: boolean;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** A time without a database, in milliseconds since the epoch. */
export interface Outage {
  readonly from: number;
  readonly to: number;
}

/**
 * Between the last byte of an answer at the sandbox and its place in the journal lie a socket, the
 * reading of the answer and a statement in the database. In this time, in milliseconds, a worker that
 * lives has it kept, also on a machine that has far too much to do.
 */
export const keepingMs = 5000;

/** @param runOf - Finds the run that a request's text speaks of. */
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

/** What decides whether a call was lost with its worker. */
export interface Circumstances {
  readonly kills: readonly Kill[];
  readonly outages: readonly Outage[];
  /** Ids of the generations that journals have. */
  readonly kept: ReadonlySet<string>;
}

/**
 * Whether its worker was killed between the request and the journal: no journal has the answer, and
 * none could have.
 */
export function wasInFlight(call: BookedCall, { kills, outages, kept }: Circumstances): boolean {
  const kill = kills.find(({ worker }) => worker === call.worker);
  // What arrives after the kill was in progress: the dead send nothing.
  if (!kill || kept.has(call.id)) return false;
  if (call.isCutOff) return true;
  const keptBy = call.endedAt + keepingMs;
  const outage = outages.find(({ from, to }) => call.endedAt <= to && from <= keptBy);
  return kill.at <= (outage ? outage.to + keepingMs : keptBy);
}

/** A call and those after it that ask the same in the same run. */
export type Repeats = readonly [first: BookedCall, ...again: BookedCall[]];

/** Calls that were made more than once, each in the order of its requests. A refused request is none. */
export function repeatsAmong(calls: readonly BookedCall[]): Repeats[] {
  const answered = calls.filter(({ status }) => status < 400);
  const groups = Map.groupBy(answered, ({ run, request }) => `${run} ${request}`);
  return [...groups.values()]
    .map((group) => group.toSorted((a, b) => a.startedAt - b.startedAt))
    .filter((group): group is [BookedCall, ...BookedCall[]] => group.length > 1);
}

/** How many of the instants, at most, lie inside one window. */
export function fullestWindow(instants: readonly number[], windowMs: number): number {
  const sorted = instants.toSorted((a, b) => a - b);
  let first = 0;
  return sorted.reduce((most, at, index) => {
    while (at - (sorted[first] ?? at) >= windowMs) first += 1;
    return Math.max(most, index - first + 1);
  }, 0);
}
