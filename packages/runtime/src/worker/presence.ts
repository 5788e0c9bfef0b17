import { v7 as uuidv7 } from "uuid";
import { quoted, type Database } from "../database/index.ts";

/** How often a worker reports. A worker that has not reported for three times as long does not count. */
const showMs = 10_000;
/** How long the row of a worker that was killed is kept. */
const forgottenMs = 3_600_000;

/** Reports that a worker is active, and its pipelines, so that runs that no worker can take are found. */
export class Presence {
  readonly #database: Pick<Database, "query">;
  readonly #table: string;
  readonly #id = uuidv7();
  readonly #name: string;
  readonly #pipelines: readonly string[];
  #shownAt = -Infinity;

  /** @param pipelines - Each as `name@version`. */
  constructor(
    database: Pick<Database, "query" | "schema">,
    name: string,
    pipelines: readonly string[],
  ) {
    this.#database = database;
    this.#table = `${quoted(database.schema)}.workers`;
    this.#name = name;
    this.#pipelines = pipelines;
  }

  /** Reports again, if the last report is old enough. */
  async show(): Promise<void> {
    const now = performance.now();
    if (now - this.#shownAt < showMs) return;
    this.#shownAt = now;
    await this.#database.query(
      `WITH gone AS (
         DELETE FROM ${this.#table}
         WHERE seen_at < clock_timestamp() - $4::double precision * interval '1 millisecond'
       )
       INSERT INTO ${this.#table} (id, name, pipelines) VALUES ($1, $2, $3)
       ON CONFLICT (id) DO UPDATE SET seen_at = clock_timestamp()`,
      [this.#id, this.#name, this.#pipelines, forgottenMs],
    );
  }

  async end(): Promise<void> {
    await this.#database.query(`DELETE FROM ${this.#table} WHERE id = $1`, [this.#id]);
  }
}
