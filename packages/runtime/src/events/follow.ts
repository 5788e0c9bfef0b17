import { readPatiently } from "../database/index.ts";
import { RunNotFoundError } from "../errors/index.ts";
import type { EventStore, NumberedEvent, StoredRun } from "./event-store.ts";
import type { EventNotifier } from "./event-notifier.ts";
import { Position } from "./position.ts";
import type { LiveEvent, RunEvent } from "./run-event.ts";

export interface FollowOptions {
  /** Number of the last event that the reader has read, or its `cursor`. @defaultValue `0`, all events */
  readonly after?: number | string | undefined;
  /** Ends the reading, without an error. */
  readonly signal?: AbortSignal | undefined;
  /** Called each time the database is not available. The query is repeated until it succeeds. */
  readonly onOutage?: ((error: unknown) => void) | undefined;
}

const batch = 500;

/**
 * A run's events from a position on: the stored ones, then new ones until the run ends, and between them
 * the pieces of answers that are being written. After a disconnect, a reader continues after its last event: nothing is
 * missing or repeated.
 *
 * @throws {RunNotFoundError} if the run is deleted before its events are read to the end
 */
export async function* follow(
  run: StoredRun,
  store: EventStore,
  notifier: EventNotifier,
  { after = 0, ...options }: FollowOptions,
): AsyncGenerator<RunEvent, void> {
  const { id: runId } = run;
  const { signal } = options;
  using watch = notifier.watch(runId);
  const position = new Position(after);
  let isAtEnd = false;
  for (;;) {
    if (signal?.aborted) return;
    const events = await patiently(() => store.read(run, position.number, batch), options);
    if (!events) return;
    for (const event of events) {
      if (signal?.aborted) return;
      yield advance(position, event);
    }
    const isNew = events.length > 0;
    if (isNew) isAtEnd = events.at(-1)?.type === "run-end";
    if (events.length === batch) continue;
    // A run may continue after its end, if it is retried or resumed: the events after an end decide.
    if (isAtEnd || !isNew) {
      const end = await patiently(() => store.endAfter(run, position.number), options);
      // Without it, the events that are missing would look like the end of the run.
      if (end === "deleted" && !isAtEnd) throw new RunNotFoundError(runId);
      if (end === "ended" || end === "deleted") return;
    }
    if (isNew && isAtEnd) continue;
    const pieces = await patiently(() => store.readLive(runId), options);
    for (const piece of pieces ?? []) {
      if (signal?.aborted) return;
      const shown = show(position, piece);
      if (shown) yield shown;
    }
    await watch.next(notifier.pollMs, signal);
  }
}

/** A stored event, of which the reader may have read a part as pieces. */
function advance(position: Position, event: NumberedEvent): RunEvent {
  position.number = event.number;
  if (event.type === "run-end" || event.type === "run-start") position.endAll();
  if (event.type !== "text-delta" && event.type !== "object-delta") {
    return { ...event, cursor: position.cursor };
  }
  const rest = event.type === "text-delta" ? position.rest({ ...event, offset: 0 }) : undefined;
  position.end(event);
  const text = event.type === "text-delta" ? { text: rest?.text ?? "" } : {};
  return { ...event, ...text, cursor: position.cursor };
}

function show(position: Position, piece: Omit<LiveEvent, "cursor">): LiveEvent | undefined {
  const rest = position.rest(piece as LiveEvent);
  if (!rest) return undefined;
  position.take(rest);
  return { ...rest, cursor: position.cursor };
}

/** Repeats a query while the database is unavailable; returns `undefined` if the reader stops. */
async function patiently<T>(
  ask: () => Promise<T>,
  { signal, onOutage }: FollowOptions,
): Promise<T | undefined> {
  try {
    return await readPatiently(ask, { signal, onOutage });
  } catch (error) {
    if (signal?.aborted) return undefined;
    throw error;
  }
}
