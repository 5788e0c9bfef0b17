import { LRUCache } from "lru-cache";
import { isOutage } from "./database/index.ts";

/** A trouble is reported once, not by each part that notices it, and again after this time. */
const quietMs = 30_000;
/** Most texts that are remembered: there may be an id in each. */
const maxTexts = 100;

/** Tells what goes wrong in the background. */
export class Troubles {
  readonly #tell: (error: unknown) => void;
  readonly #told = new LRUCache<string, true>({ max: maxTexts, ttl: quietMs });

  constructor(tell: (error: unknown) => void) {
    this.#tell = tell;
  }

  readonly report = (error: unknown): void => {
    const text = isOutage(error) ? "outage" : String(error);
    if (this.#told.has(text)) return;
    this.#told.set(text, true);
    this.#tell(error);
  };
}
