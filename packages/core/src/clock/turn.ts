/**
 * Processor time that work on answers may take in one turn of the event loop, in milliseconds. Data that
 * has already arrived is read without a wait, and would delay timers, signals and other requests.
 */
const maxTurnMs = 8;

let endsAt: number | undefined;
let isScheduled = false;
/** Work that continues in later turns, one piece in each, because all pieces together would take too long. */
const waiting: (() => void)[] = [];

/** Whether the time of this turn is used up, for all work of the process together: see {@link nextTurn}. */
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
