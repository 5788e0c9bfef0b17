import type { Worker, WorkerHealth } from "@orchestra/runtime";
import { writeHealthFile } from "./health-file.ts";
import { startHealthServer, type HealthAddress } from "./health-server.ts";

/** Where a worker reports how it is. */
export interface HealthOptions {
  /** File that is written every few seconds. */
  readonly health?: string | undefined;
  /** Where HTTP probes are answered. */
  readonly healthPort?: HealthAddress | undefined;
}

/** What a worker's process reports; JSON. */
export interface HealthReport extends WorkerHealth {
  /** Name of the worker; none until it has started. */
  readonly worker?: string;
  readonly processId: number;
  /** When this was written, ISO 8601: an older report is of a process that hangs or is gone. */
  readonly reportedAt: string;
}

/** Reports the health of a worker, also before it has started, until it is disposed of. */
export class HealthReporter implements AsyncDisposable {
  readonly #startedAt = new Date().toISOString();
  readonly #reports: AsyncDisposable[] = [];
  #worker: Worker | undefined;

  /** @throws {UsageError} for a file or a port that cannot be used */
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
