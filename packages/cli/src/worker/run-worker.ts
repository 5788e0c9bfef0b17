import { setTimeout as sleep } from "node:timers/promises";
import { interruptionOf } from "../interruption.ts";
import type { Surroundings } from "../surroundings.ts";
import { HealthReporter, type HealthOptions } from "./health.ts";
import { NotHandedBackError } from "./not-handed-back-error.ts";
import { startWorker, type StartedWorker, type StartWorkerOptions } from "./start-worker.ts";

/** How long it may take, after the grace time, to write down what was stopped, and to hang up. */
export const closingMs = 15_000;

/**
 * Works until the command is interrupted. Then it waits for runs in progress, and hands back those that have not
 * ended in time.
 *
 * @throws {UsageError} for a health file that cannot be written
 * @throws {Error} for a health port that cannot be used
 * @throws {ConfigError} {@link SettingsError} {@link DatabaseError} where it cannot begin
 * @throws {InterruptedError} where it is interrupted before it has started
 */
export async function runWorker(
  options: StartWorkerOptions & HealthOptions,
  surroundings: Surroundings,
): Promise<void> {
  await using reporter = await HealthReporter.start(options);
  const interruption = interruptionOf(surroundings.drainSignal);
  const interrupted = interruption.then((error) => Promise.reject(error));
  // Before it has started there is no work to wait for, and the database may never answer.
  const started = await Promise.race([startWorker(options, surroundings), interrupted]);
  reporter.watch(started.worker);
  const { signal } = await interruption;
  await drain(started, signal, options.grace);
}

async function drain(
  { runtime, worker, logger, tracing }: StartedWorker,
  signal: string,
  graceSeconds: number,
): Promise<void> {
  logger.info("draining", { signal, runs: worker.active, graceSeconds });
  const late = sleep(graceSeconds * 1000 + closingMs, "late" as const, { ref: false });
  if ((await Promise.race([runtime.close(), late])) === "late") {
    throw new NotHandedBackError();
  }
  await tracing?.close();
  logger.info("stopped");
}
