import { LRUCache } from "lru-cache";
import { messageOf } from "@orchestra/core/extend";
import { isOutage } from "../database/index.ts";

/** Time in which the same error is not reported again. */
const quietMs = 30_000;
/** Maximum number of messages that are remembered, because each may contain another id. */
const maxMessages = 100;

/** Reports errors of background work: each only once for some time, although several parts notice it. */
export class ErrorReporter {
  readonly #onError: (error: unknown) => void;
  readonly #reported = new LRUCache<string, true>({ max: maxMessages, ttl: quietMs });

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  readonly report = (error: unknown): void => {
    const message = isOutage(error) ? "outage" : messageOf(error);
    if (this.#reported.has(message)) return;
    this.#reported.set(message, true);
    this.#onError(error);
  };
}
