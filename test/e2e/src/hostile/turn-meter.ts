import { PerformanceObserver } from "node:perf_hooks";
import { setImmediate } from "node:timers/promises";

/** The processor time of one turn of the event loop. */
interface Turn {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly cpuMs: number;
}

interface Pause {
  readonly startTime: number;
  readonly duration: number;
}

/** What a process had to do at a time, at most. */
export interface LongestTurn {
  /** Processor time of the longest turn, without garbage collection, in milliseconds. */
  readonly turnMs: number;
  /** Longest pause for garbage collection, in milliseconds of real time. */
  readonly gcMs: number;
}

/** Shorter turns are not looked at. */
const minTurnMs = 5;

/**
 * Measures how much processor time the main thread takes between two timers that are due at once, so
 * that a machine with other work does not count. Collections of garbage are taken out: their lengths
 * depend on the heap's size, and not on one piece of work.
 */
export class TurnMeter {
  readonly #turns = new Set<Turn[]>();
  readonly #pauses = new Set<Pause[]>();
  #startedAt = performance.now();
  #cpuMs = threadCpuMs();

  constructor() {
    setInterval(() => this.#endTurn(), 1);
    new PerformanceObserver((list) => {
      for (const pauses of this.#pauses) pauses.push(...list.getEntries());
    }).observe({ entryTypes: ["gc"] });
  }

  /** Begins to measure. @returns ends it */
  start(): () => Promise<LongestTurn> {
    this.#endTurn();
    const turns: Turn[] = [];
    const pauses: Pause[] = [];
    this.#turns.add(turns);
    this.#pauses.add(pauses);
    return async () => {
      this.#endTurn();
      this.#turns.delete(turns);
      // Pauses are reported a moment later.
      for (let turn = 0; turn < 3; turn += 1) await setImmediate();
      this.#pauses.delete(pauses);
      return {
        turnMs: Math.round(Math.max(0, ...turns.map((turn) => withoutPauses(turn, pauses)))),
        gcMs: Math.round(Math.max(0, ...pauses.map(({ duration }) => duration))),
      };
    };
  }

  /** Work of the measurement itself, which does not count. */
  exclude<T>(work: () => T): T {
    this.#endTurn();
    try {
      return work();
    } finally {
      this.#begin();
    }
  }

  #begin(): void {
    this.#startedAt = performance.now();
    this.#cpuMs = threadCpuMs();
  }

  #endTurn(): void {
    const endedAt = performance.now();
    const turn = { startedAt: this.#startedAt, endedAt, cpuMs: threadCpuMs() - this.#cpuMs };
    this.#begin();
    if (turn.cpuMs >= minTurnMs) for (const turns of this.#turns) turns.push(turn);
  }
}

function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** A pause may have waited for the processor too: the share of the turn counts. */
function withoutPauses({ startedAt, endedAt, cpuMs }: Turn, pauses: readonly Pause[]): number {
  const share = Math.min(1, cpuMs / (endedAt - startedAt));
  const pausedMs = pauses
    .filter(({ startTime }) => startTime >= startedAt && startTime < endedAt)
    .reduce((sum, { duration }) => sum + duration, 0);
  return cpuMs - pausedMs * share;
}
