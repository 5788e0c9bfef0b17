import { isOutage } from "./database/index.ts";

/** An outage is reported once, not by each part that notices it, and again after this time. */
const quietMs = 30_000;

/** Tells what goes wrong in the background. */
export class Troubles {
  readonly #tell: (error: unknown) => void;
  #toldAt = -Infinity;

  constructor(tell: (error: unknown) => void) {
    this.#tell = tell;
  }

  readonly report = (error: unknown): void => {
    if (isOutage(error)) {
      const now = performance.now();
      if (now - this.#toldAt < quietMs) return;
      this.#toldAt = now;
    }
    this.#tell(error);
  };
}
