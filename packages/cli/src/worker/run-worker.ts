import { interruptionOf } from "../interruption.ts";
import type { CommandContext } from "../command-context.ts";
import { HealthReporter, type HealthOptions } from "./health.ts";
import { startStopDeadline } from "../stop-deadline.ts";
import { startWorker, type StartedWorker, type StartWorkerOptions } from "./start-worker.ts";

/**
 * Executes runs until the command is interrupted. Then it waits for runs in progress for the grace time, and hands
 * the remaining ones back to the queue.
 *
 * @throws {UsageError} for a health file that cannot be written
 * @throws {Error} for a health port that cannot be used
 * @throws {ConfigError} {@link SettingsError} {@link DatabaseError} if it cannot start
 * @throws {InterruptedError} if it is interrupted before it has started
 * @throws {NotHandedBackError} if the runs cannot be handed back, because the database is not available
 */
export async function runWorker(
  options: StartWorkerOptions & HealthOptions,
  context: CommandContext,
): Promise<void> {
  await using reporter = await HealthReporter.start(options);
  const interruption = interruptionOf(context.drainSignal);
  const interrupted = interruption.then((error) => Promise.reject(error));
  // An interruption ends the start at once: no run is in progress, and the database may never answer.
  const started = await Promise.race([startWorker(options, context), interrupted]);
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
  const byDeadline = startStopDeadline(graceSeconds * 1000);
  await byDeadline(runtime.close());
  await tracing?.close();
  logger.info("stopped");
}
