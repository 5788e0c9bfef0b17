import type { ClockView } from "./virtual-clock.ts";

/** What happened in one simulation, a line for each event. */
export class History {
  readonly lines: string[] = [];
  readonly #clock: ClockView;
  readonly #startAt: number;
  readonly #isKept: boolean;
  #order = 0;

  /** @param isKept - Whether lines are recorded. Without them, a simulation is faster. */
  constructor(clock: ClockView, isKept: boolean) {
    this.#clock = clock;
    this.#startAt = clock.now();
    this.#isKept = isKept;
  }

  /** Returns the next number. Numbers order events with the same time. */
  nextOrder(): number {
    this.#order += 1;
    return this.#order;
  }

  write(line: () => string): void {
    if (!this.#isKept) return;
    const seconds = ((this.#clock.now() - this.#startAt) / 1_000).toFixed(3);
    this.lines.push(`${seconds.padStart(10)} s  ${line()}`);
  }
}
