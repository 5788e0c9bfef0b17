import { ModelError } from "@orchestra/core/gateway";
import { DatabaseTimeoutError, type Database } from "../database/index.ts";
import { PostgresRateLimiter } from "../limits/index.ts";
import type { ApiKey } from "./api-key.ts";

/** Maximum time to wait for the database, in milliseconds. */
const patienceMs = 10_000;

/** The rates of keys, which all processes on the database share. */
export class KeyLimits implements AsyncDisposable {
  readonly #database: Database;
  readonly #onOutage: (error: unknown) => void;
  readonly #limiters = new Map<string, PostgresRateLimiter>();

  constructor(database: Database, onOutage: (error: unknown) => void) {
    this.#database = database;
    this.#onOutage = onOutage;
  }

  /**
   * Counts a request of a key. The client does not wait: it decides itself what to do until then.
   *
   * @throws {ModelError} `rate_limit_error` if the requests of the key's minute are used up
   * @throws {DatabaseTimeoutError} if the database does not answer
   */
  async take(key: ApiKey): Promise<void> {
    if (key.requestsPerMinute === undefined) return;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(noAnswer()), patienceMs);
    const slot = await this.#limiterOf(key)
      .acquire({
        signal: late.signal,
        onWait: (waitMs) => {
          throw refusal(key, waitMs);
        },
      })
      .finally(() => clearTimeout(timer));
    // It counts for a minute.
    await slot.settle({ isAnswered: true });
  }

  /** Removes the limiters of other keys. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const [id, limiter] of this.#limiters) {
      if (ids.has(id)) continue;
      this.#limiters.delete(id);
      void limiter.close().catch(this.#onOutage);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#limiters.values()].map((limiter) => limiter.close()));
  }

  #limiterOf({ id, requestsPerMinute }: ApiKey): PostgresRateLimiter {
    let limiter = this.#limiters.get(id);
    if (!limiter) {
      limiter = new PostgresRateLimiter({
        database: this.#database,
        account: `key ${id}`,
        limits: { requestsPerMinute },
        onOutage: this.#onOutage,
      });
      this.#limiters.set(id, limiter);
    }
    return limiter;
  }
}

function noAnswer(): DatabaseTimeoutError {
  return new DatabaseTimeoutError(
    `The database has not answered within ${patienceMs / 1000} s for the rate of a key`,
  );
}

function refusal({ name, requestsPerMinute }: ApiKey, waitMs: number): ModelError {
  return new ModelError(
    `The key ${name} has used up its ${requestsPerMinute} requests of a minute.`,
    {
      kind: "rate_limit_error",
      limitSource: "orchestra_key_requests_per_minute",
      retryAfterMs: Math.max(1, Math.ceil(waitMs)),
      isFinal: true,
    },
  );
}
