import { outlastOutages } from "../database/index.ts";
import type { EventStore } from "./event-store.ts";
import type { News } from "./news.ts";
import type { RunEvent } from "./run-event.ts";

export interface FollowOptions {
  /** Number of the last event that the reader has. @defaultValue `0`, all of them */
  readonly after?: number | undefined;
  /** Ends the reading, without an error. */
  readonly signal?: AbortSignal | undefined;
}

const batch = 500;
/** Behind notifications, for a database that has none, or when one was lost. */
export const pollMs = 1000;

/**
 * A run's events from a number on: the stored ones, then new ones until the run ends. A reader that was
 * cut off continues after its last number: no event is missing or repeated.
 */
export async function* follow(
  runId: string,
  store: EventStore,
  news: News,
  { after = 0, signal }: FollowOptions,
): AsyncGenerator<RunEvent, void> {
  using watch = news.watch(runId);
  let last = after;
  for (;;) {
    if (signal?.aborted) return;
    const events = await patiently(() => store.read(runId, last, batch), signal);
    if (!events) return;
    for (const event of events) {
      if (signal?.aborted) return;
      yield event;
      last = event.number;
    }
    if (events.length === batch) continue;
    // A run that was sent back goes on after its end: what follows an end decides.
    const isAnEnd = events.at(-1)?.type === "run-end";
    const hasEnded = () => store.hasEnded(runId, last);
    if ((isAnEnd || events.length === 0) && (await patiently(hasEnded, signal))) return;
    if (!isAnEnd) await watch.next(pollMs, signal);
  }
}

/** Asks again while the database is unavailable; returns nothing if the reader stops. */
async function patiently<T>(
  ask: () => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T | undefined> {
  try {
    return await outlastOutages(ask, { signal });
  } catch (error) {
    if (signal?.aborted) return undefined;
    throw error;
  }
}
