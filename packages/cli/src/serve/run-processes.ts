import cluster, { type Worker as Process } from "node:cluster";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { createRedactor, inspectSettings, type Logger } from "@orchestra/core/gateway";
import { createDefaultLogger } from "@orchestra/core/extend";
import { mergeMetrics } from "@orchestra/server";
import { FailedError } from "../errors/failed-error.ts";
import { interruptionOf } from "../interruption.ts";
import type { CommandContext } from "../command-context.ts";

/** Pause before a process that ended is replaced. */
const replaceMs = 1000;

/**
 * Runs this command in several processes that share one port, and replaces processes that end. After an
 * interruption, it forwards the signal to all processes and waits until they have ended.
 *
 * @throws {FailedError} with the exit code of the first process, if that could not start; it has printed why
 * @throws {InterruptedError} if it is interrupted before the first process listens
 */
export async function runProcesses(count: number, context: CommandContext): Promise<void> {
  const { settings } = inspectSettings({}, context.environment);
  const redact = createRedactor(settings);
  const logger = createDefaultLogger({ level: settings.logLevel, redact });
  mergeMetrics();
  const stopping = new AbortController();
  const interruption = interruptionOf(context.drainSignal);
  // The first process reports invalid settings and migrates the database, before the others start.
  const first = cluster.fork();
  const early = await Promise.race([listening(first), interruption]);
  if (early) {
    first.process.kill(early.signal);
    if (!first.isDead()) await once(first, "exit");
    throw early;
  }
  const others = Array.from({ length: count - 1 }, () => cluster.fork());
  const keeping = [first, ...others].map((process) => keep(process, stopping.signal, logger));
  logger.info("processes listen", { processes: count });
  const { signal } = await interruption;
  stopping.abort();
  for (const process of Object.values(cluster.workers ?? {})) process?.process.kill(signal);
  await Promise.all(keeping);
}

/** Replaces a process each time that it ends, until `stopping` aborts. */
async function keep(first: Process, stopping: AbortSignal, logger: Logger): Promise<void> {
  let process = first;
  for (;;) {
    if (!process.isDead()) await once(process, "exit");
    if (stopping.aborted) return;
    const { exitCode, signalCode } = process.process;
    logger.error("a process of the server ended, and is replaced", {
      exitCode,
      signal: signalCode,
    });
    await sleep(replaceMs, undefined, { signal: stopping }).catch(() => undefined);
    if (stopping.aborted) return;
    process = cluster.fork();
  }
}

/** Resolves when the process listens. @throws {FailedError} if it ends before */
async function listening(process: Process): Promise<void> {
  const ended = once(process, "exit").then(([code]) => {
    throw new FailedError(typeof code === "number" ? code : 1);
  });
  await Promise.race([once(process, "listening"), ended]);
}
