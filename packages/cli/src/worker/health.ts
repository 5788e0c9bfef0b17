import type { Worker, WorkerHealth } from "@orchestra/runtime";
import { writeHealthFile } from "./health-file.ts";
import { startHealthServer, type HealthAddress } from "./health-server.ts";

/** Where a worker reports its health. */
export interface HealthOptions {
  /** File to which the report is written every 2 seconds. */
  readonly health?: string | undefined;
  /** Address of the server for HTTP probes. */
  readonly healthPort?: HealthAddress | undefined;
}

/** The report of a worker's process, as JSON. */
export interface HealthReport extends WorkerHealth {
  /** Name of the worker; absent until it has started. */
  readonly worker?: string;
  readonly processId: number;
  /** When the report was made, ISO 8601. If it is old, the process hangs or has ended. */
  readonly reportedAt: string;
}

/** Reports the health of a worker until it is disposed of. Before the worker has started, the state is `waiting`. */
export class HealthReporter implements AsyncDisposable {
  readonly #startedAt = new Date().toISOString();
  readonly #reports: AsyncDisposable[] = [];
  #worker: Worker | undefined;

  /**
   * @throws {UsageError} for a file that cannot be written
   * @throws {Error} for a port that cannot be used
   */
  static async start({ health, healthPort }: HealthOptions): Promise<HealthReporter> {
    const reporter = new HealthReporter();
    const report = () => reporter.#report();
    try {
      if (health !== undefined) reporter.#reports.push(await writeHealthFile(health, report));
      if (healthPort) reporter.#reports.push(await startHealthServer(healthPort, report));
      return reporter;
    } catch (error) {
      await reporter[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** From now on, reports the health of this worker. */
  watch(worker: Worker): void {
    this.#worker = worker;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const each of this.#reports.splice(0)) await each[Symbol.asyncDispose]();
  }

  #report(): HealthReport {
    const about = { processId: process.pid, reportedAt: new Date().toISOString() };
    if (this.#worker) return { ...this.#worker.health, worker: this.#worker.name, ...about };
    const since = this.#startedAt;
    return { state: "waiting", since, reason: "the worker starts", activeRuns: 0, ...about };
  }
}
