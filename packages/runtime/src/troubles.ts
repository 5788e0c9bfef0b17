import { isOutage } from "./database/index.ts";

/** An outage is told once, however many notice it, and again only when it has lasted so long. */
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
