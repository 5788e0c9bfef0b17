import type { Clock } from "@orchestra/core";

interface Timer {
  readonly at: number;
  /** Timers of one instant fire in the order in which they were set. */
  readonly order: number;
  readonly owner: ClockView;
  callback: (() => void) | undefined;
}

/**
 * A clock that moves only when there is nothing left to do at the current instant. Timers are in a binary heap. A
 * cancelled timer is removed when its time comes.
 */
export class VirtualClock {
  #now: number;
  #order = 0;
  readonly #heap: Timer[] = [];

  /** @param startAt - Milliseconds since the epoch. */
  constructor(startAt: number) {
    this.#now = startAt;
  }

  get now(): number {
    return this.#now;
  }

  /** A clock whose timers are counted separately. */
  view(): ClockView {
    return new ClockView(this);
  }

  set(owner: ClockView, durationMs: number, callback: () => void): () => void {
    this.#order += 1;
    const at = this.#now + Math.max(0, durationMs);
    const timer: Timer = { at, order: this.#order, owner, callback };
    owner.pending += 1;
    push(this.#heap, timer);
    return () => {
      if (timer.callback) owner.pending -= 1;
      timer.callback = undefined;
    };
  }

  /**
   * Moves to the time of the next timer, and calls it.
   *
   * @returns whether there was a timer
   */
  step(): boolean {
    for (;;) {
      const timer = pop(this.#heap);
      if (!timer) return false;
      const { callback } = timer;
      if (!callback) continue;
      timer.callback = undefined;
      timer.owner.pending -= 1;
      this.#now = Math.max(this.#now, timer.at);
      callback();
      return true;
    }
  }
}

/** A {@link Clock} on virtual time. */
export class ClockView implements Clock {
  /** Timers that are set. */
  pending = 0;
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  readonly now = (): number => this.#clock.now;

  readonly after = (durationMs: number, callback: () => void): (() => void) =>
    this.#clock.set(this, durationMs, callback);

  readonly sleep = (durationMs: number, signal?: AbortSignal): Promise<void> => {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abort = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = this.after(durationMs, () => {
      signal?.removeEventListener("abort", abort);
      resolve();
    });
    signal?.addEventListener("abort", abort, { once: true });
    return promise;
  };
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function push(heap: Timer[], timer: Timer): void {
  let index = heap.length;
  heap.push(timer);
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = heap[parent];
    if (!above || !isBefore(timer, above)) break;
    heap[index] = above;
    index = parent;
  }
  heap[index] = timer;
}

function pop(heap: Timer[]): Timer | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (!first || !last || heap.length === 0) return first;
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    const left = heap[child];
    if (!left) break;
    const right = heap[child + 1];
    if (right && isBefore(right, left)) child += 1;
    const smaller = right && isBefore(right, left) ? right : left;
    if (!isBefore(smaller, last)) break;
    heap[index] = smaller;
    index = child;
  }
  heap[index] = last;
  return first;
}
