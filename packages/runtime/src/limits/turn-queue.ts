import type { Change, TurnOutcome } from "./turn.ts";

/** One thing that waits for a turn. */
export interface Entry {
  /** Nothing for one that only wants a turn. */
  readonly change?: Change;
  /** Whether somebody waits for it. */
  readonly isUrgent: boolean;
  /** Whether calls that were made before it are served before it. It may be said twice. */
  readonly isBarrier?: boolean;
  /** Whether everybody is to be told of their wait after it. */
  readonly tellsAll?: boolean;
  /** Its turn was committed. */
  readonly done?: (outcome: TurnOutcome) => void;
  /** The database is away; what changes something stays in the queue. */
  readonly interrupted?: (error: unknown) => void;
  /** The database refuses it; it does not stay. */
  readonly failed?: (error: unknown) => void;
}

/** A call, or a timer, wants a turn; one is enough for any number of them. */
const ask: Entry = { isUrgent: true };

/** What a process has to say in its next turns, in its order. */
export class TurnQueue {
  readonly #entries: Entry[] = [];

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  get isUrgent(): boolean {
    return this.#entries.some((entry) => entry.isUrgent);
  }

  push(entry: Entry): void {
    this.#entries.push(entry);
  }

  ask(): void {
    if (this.#entries.at(-1) !== ask) this.push(ask);
  }

  /** What goes together into one turn: all up to the first barrier behind a call. */
  take(): readonly Entry[] {
    const asked = this.#entries.indexOf(ask);
    const barrier = this.#entries.findIndex(({ isBarrier }, index) => isBarrier && index > asked);
    const end = asked >= 0 && barrier >= 0 ? barrier : this.#entries.length;
    return this.#entries.splice(0, end);
  }

  /** The database is away: whoever waits for a word of it hears so. What changes something stays. */
  interrupt(error: unknown): void {
    const all = this.#entries.splice(0);
    this.#entries.push(...all.filter(({ change, interrupted }) => change || !interrupted));
    for (const { interrupted } of all) interrupted?.(error);
  }

  /** What did not get its turn is in front again. */
  putBack(entries: readonly Entry[]): void {
    this.#entries.unshift(...entries);
  }
}
