import type { Database } from "../database/index.ts";
import { jobTable, queueNames } from "./job-table.ts";
import { checkTimes } from "./schedule-times.ts";

/** One due time of a schedule: a job of pg-boss, with the schedule's data. */
export interface Occurrence {
  readonly id: string;
  readonly data: object;
}

const { schedules } = queueNames;

/** A schedule, as pg-boss keeps it. */
interface KeptSchedule {
  readonly cron: string;
  readonly timezone: string;
  readonly data?: object;
}

/**
 * The methods of pg-boss that are used here. Its own types must not be in the types of this package: they are checked
 * in the programs of users, and those of 12.35 have errors.
 */
interface ScheduleStore {
  previewSchedule(cron: string, options: { tz: string; count: number }): unknown;
  schedule(
    name: string,
    cron: string,
    data: object,
    options: { key: string; tz: string; missed: "once"; group: { id: string } },
  ): Promise<void>;
  unschedule(name: string, key: string): Promise<void>;
  getSchedules(name: string): Promise<KeptSchedule[]>;
  fetch(
    name: string,
    options: { batchSize: number; ignoreGroups: string[] },
  ): Promise<{ readonly id: string; readonly data: object }[]>;
  fail(name: string, id: string, data: object): Promise<unknown>;
  complete(name: string, id: string): Promise<unknown>;
}

/** Schedules and their occurrences, which pg-boss keeps and triggers. */
export class ScheduleQueue {
  readonly #boss: ScheduleStore;
  readonly #database: Database;
  readonly #foreign = new Set<string>();

  constructor(boss: ScheduleStore, database: Database) {
    this.#boss = boss;
    this.#database = database;
  }

  /** @throws {RangeError} for an invalid cron expression or time zone */
  async set(
    key: string,
    cron: string,
    timezone: string,
    data: { readonly pipeline: string },
  ): Promise<void> {
    try {
      checkTimes(cron, timezone);
      this.#boss.previewSchedule(cron, { tz: timezone, count: 1 });
    } catch (error) {
      throw new RangeError(
        `${JSON.stringify(cron)} in the time zone ${JSON.stringify(timezone)} is not a valid schedule: ${(error as Error).message}`,
        { cause: error },
      );
    }
    const group = { id: data.pipeline };
    await this.#boss.schedule(schedules, cron, data, { key, tz: timezone, missed: "once", group });
  }

  /** Removes a schedule, and its occurrences that no worker has taken. */
  async remove(key: string): Promise<void> {
    await this.#boss.unschedule(schedules, key);
    await this.#database.query(
      `DELETE FROM ${jobTable(this.#database.schema)}
       WHERE name = $1 AND state < 'active' AND data->>'key' = $2`,
      [schedules, key],
    );
  }

  list(): Promise<readonly KeptSchedule[]> {
    return this.#boss.getSchedules(schedules);
  }

  /** Claims due occurrences: of each schedule the last one, which replaces all earlier ones. */
  async take(): Promise<Occurrence[]> {
    await this.#dropEarlier();
    const ignoreGroups = [...this.#foreign];
    return this.#boss.fetch(schedules, { batchSize: 20, ignoreGroups });
  }

  /** Occurrences that became due while no worker took them are merged into one. Those that are retried are not. */
  async #dropEarlier(): Promise<void> {
    const jobs = jobTable(this.#database.schema);
    await this.#database.query(
      `DELETE FROM ${jobs} WHERE name = $1 AND state = 'created' AND id IN (
         SELECT id FROM (
           SELECT id, row_number() OVER (PARTITION BY data->>'key' ORDER BY created_on DESC, id) AS place
           FROM ${jobs} WHERE name = $1 AND state = 'created'
         ) AS waiting WHERE place > 1
       )`,
      [schedules],
    );
  }

  /**
   * Gives an occurrence back as it was, and takes no more of its pipeline, which this process does not know: a
   * process with the pipeline starts the run. This is not a failed attempt.
   */
  async leaveToOthers(id: string, pipeline: string): Promise<void> {
    this.#foreign.add(pipeline);
    await this.#database.query(
      `UPDATE ${jobTable(this.#database.schema)} SET state = 'created', started_on = NULL, heartbeat_on = NULL
       WHERE name = $1 AND id = $2 AND state = 'active'`,
      [schedules, id],
    );
  }

  /** Gives an occurrence back, for a retry. The queue gives it up after its limit of retries. */
  async handBack(id: string): Promise<void> {
    await this.#boss.fail(schedules, id, { reason: "handed back" });
  }

  async complete(id: string): Promise<void> {
    await this.#boss.complete(schedules, id);
  }
}
