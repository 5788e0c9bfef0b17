import type { ClockView } from "./virtual-clock.ts";

/** What happened in one simulation, a line for each event. */
export class History {
  readonly lines: string[] = [];
  readonly #clock: ClockView;
  readonly #startAt: number;
  readonly #isKept: boolean;
  #order = 0;

  /** @param isKept - Whether the lines are written at all; without them a simulation is faster. */
  constructor(clock: ClockView, isKept: boolean) {
    this.#clock = clock;
    this.#startAt = clock.now();
    this.#isKept = isKept;
  }

  /** Numbers what happens, to order what happens at one instant. */
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
