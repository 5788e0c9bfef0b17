import { messageOf, quoted } from "@orchestra/core/extend";
import { isOutage, outlastOutages } from "../database/index.ts";
import { IdempotencyError, UnknownPipelineError } from "../errors/index.ts";
import { validInput, type PipelineRegistry } from "../pipelines/index.ts";
import type { ScheduleQueue } from "../queue/schedule-queue.ts";
import type { StartOptions } from "./start-run.ts";

export interface ScheduleOptions {
  /** Name of the schedule. */
  readonly key: string;
  /**
   * Five fields: minute, hour, day of the month, month, day of the week. A field has `*`, numbers or names
   * such as `MON`, with lists, ranges and steps.
   */
  readonly cron: string;
  /** Name of an IANA time zone, such as `Europe/Berlin`. @defaultValue `UTC` */
  readonly timezone?: string;
  readonly pipeline: string;
  /** JSON that matches the pipeline's schema. It is stored unchanged, and each start parses it with the schema. */
  readonly input: unknown;
  /** Priority of the runs that it starts. @defaultValue `0` */
  readonly priority?: number;
  /** Whether its runs wait for an approval. @defaultValue `false` */
  readonly approval?: boolean;
}

export type Schedule = ScheduleOptions & Required<Pick<ScheduleOptions, "timezone">>;

/** The stored data of a schedule. Each of its jobs contains it. */
interface ScheduledWork extends Pick<ScheduleOptions, "key" | "pipeline"> {
  /** As JSON text: the queue stores `jsonb`, which cannot contain a NUL character. */
  readonly inputJson: string;
  readonly priority: number;
  readonly approval: boolean;
}

export interface SchedulesOptions {
  readonly queue: ScheduleQueue;
  readonly pipelines: PipelineRegistry;
  /** Maximum size of an input as JSON, in bytes. */
  readonly maxPayloadBytes: number;
  readonly start: (
    pipeline: string,
    input: unknown,
    options: StartOptions & { readonly schedule: string },
  ) => Promise<unknown>;
  /** Receives errors of occurrences that could not start a run. */
  readonly onError: (error: Error) => void;
}

/** Starts pipelines at set times, which pg-boss triggers. */
export class Schedules {
  readonly #options: SchedulesOptions;

  constructor(options: SchedulesOptions) {
    this.#options = options;
  }

  /** @throws {RangeError} for an invalid cron expression or time zone */
  async set(options: ScheduleOptions): Promise<Schedule> {
    const { queue, pipelines, maxPayloadBytes } = this.#options;
    const { key, cron, timezone = "UTC", pipeline, priority = 0, approval = false } = options;
    const current = pipelines.current(pipeline);
    const input = validInput({ name: current.name }, options.input, maxPayloadBytes);
    validInput(current, input, maxPayloadBytes);
    const inputJson = JSON.stringify(input);
    const work: ScheduledWork = { key, pipeline, inputJson, priority, approval };
    await queue.set(key, cron, timezone, work);
    return { key, cron, timezone, pipeline, input, priority, approval };
  }

  async remove(key: string): Promise<void> {
    await this.#options.queue.remove(key);
  }

  async list(): Promise<Schedule[]> {
    const schedules = await this.#options.queue.list();
    return schedules.map(({ cron, timezone, data }) => {
      const { inputJson, ...work } = data as ScheduledWork;
      return { cron, timezone, ...work, input: JSON.parse(inputJson) as unknown };
    });
  }

  /** Starts the occurrences that are due. Each starts one run, even if a worker dies in between. */
  async startDue(signal: AbortSignal): Promise<void> {
    const { queue } = this.#options;
    const due = await outlastOutages(() => queue.take(), { signal });
    for (const job of due) {
      const work = job.data as ScheduledWork;
      try {
        await this.#start(job.id, work);
        await queue.complete(job.id);
      } catch (error) {
        if (isOutage(error)) throw error;
        if (UnknownPipelineError.isInstance(error)) {
          await queue.leaveToOthers(job.id, work.pipeline);
        } else {
          this.#reportFailure(work, error);
          await queue.handBack(job.id);
        }
      }
    }
  }

  async #start(id: string, work: ScheduledWork): Promise<void> {
    const { key, pipeline, inputJson, priority, approval } = work;
    const idempotencyKey = `schedule:${key}:${id}`;
    const options = { idempotencyKey, priority, approval, schedule: key };
    try {
      await this.#options.start(pipeline, JSON.parse(inputJson), options);
    } catch (error) {
      // It has already started its run; the schema returns another input now.
      if (!IdempotencyError.isInstance(error)) throw error;
    }
  }

  #reportFailure({ key }: ScheduledWork, error: unknown): void {
    this.#options.onError(
      new Error(`The schedule ${quoted(key)} could not start a run: ${messageOf(error)}`, {
        cause: error,
      }),
    );
  }
}
