import type { Logger } from "@orchestra/core";
import { isConnectionLost, outlastOutages, type Database } from "@orchestra/runtime";

/**
 * Writes down what goes wrong in the background. While the database is away, everything that needs it
 * complains again and again: the log says once that it is away, and once that it is back.
 */
export class OutageLog implements Disposable {
  readonly #logger: Logger;
  readonly #over = new AbortController();
  #database: Database | undefined;
  #isAway = false;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Which database it is. */
  watch(database: Database): void {
    this.#database = database;
  }

  hear(error: unknown): void {
    if (!isConnectionLost(error)) this.#logger.error("background", { error });
    else if (!this.#isAway) void this.#outlast(error as Error);
  }

  [Symbol.dispose](): void {
    this.#over.abort();
  }

  async #outlast({ message }: Error): Promise<void> {
    const { signal } = this.#over;
    this.#isAway = true;
    this.#logger.error("the database is away; runs wait for it", { reason: message });
    try {
      await outlastOutages(async () => this.#database?.query("SELECT 1"), { signal });
      this.#logger.info("the database is back");
    } catch (error) {
      if (!signal.aborted) this.#logger.error("background", { error });
    } finally {
      this.#isAway = false;
    }
  }
}
