/**
 * Processor time that work on answers takes in one turn of the event loop, in milliseconds: what is
 * there already is read without a wait, and would keep timers, signals and other requests waiting.
 */
const maxTurnMs = 8;

let endsAt: number | undefined;
let isScheduled = false;
/** Work that continues in a later turn, one piece in each: together they would take too long. */
const waiting: (() => void)[] = [];

/** Whether the time of this turn is over, for all work of the process together: see {@link nextTurn}. */
export function isTurnOver(): boolean {
  const now = performance.now();
  if (endsAt === undefined) {
    endsAt = now + maxTurnMs;
    schedule();
  }
  return now >= endsAt;
}

/** Resolves in a later turn of the event loop, in the order of the calls. */
export function nextTurn(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  waiting.push(resolve);
  schedule();
  return promise;
}

function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  setImmediate(beginTurn);
}

function beginTurn(): void {
  isScheduled = false;
  endsAt = undefined;
  waiting.shift()?.();
  if (waiting.length > 0) schedule();
}
