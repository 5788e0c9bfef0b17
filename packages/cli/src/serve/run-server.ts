import cluster from "node:cluster";
import { serve } from "@orchestra/server";
import { resolveServerSettings } from "@orchestra/server/settings";
import { interruptionOf } from "../interruption.ts";
import type { CommandContext } from "../command-context.ts";
import { startStopDeadline } from "../stop-deadline.ts";
import { openService, type OpenServiceOptions, type Service } from "./open-service.ts";

/** Options of `orchestra serve`. */
export interface ServeCommandOptions extends OpenServiceOptions {
  /** @defaultValue `ORCHESTRA_SERVER_PORT` */
  readonly port?: number | undefined;
  /** @defaultValue `ORCHESTRA_SERVER_HOST` */
  readonly host?: string | undefined;
  /** Time for requests and runs to end when the server stops, in seconds. @defaultValue `ORCHESTRA_SERVER_GRACE` */
  readonly grace?: number | undefined;
}

/**
 * Serves until the command is interrupted. Then it waits for requests and runs in progress for the grace time, and
 * hands the remaining runs back to the queue.
 *
 * @throws {UsageError} {@link ConfigError} {@link SettingsError} {@link DatabaseError} {@link ListenError}
 * if it cannot start
 * @throws {InterruptedError} if it is interrupted before it has started
 * @throws {NotHandedBackError} if the runs cannot be handed back, because the database is not available
 */
export async function runServer(
  options: ServeCommandOptions,
  context: CommandContext,
): Promise<void> {
  const interruption = interruptionOf(context.drainSignal);
  const interrupted = interruption.then((error) => Promise.reject(error));
  const { environment } = context;
  const { host, port, grace } = options;
  const graceMs = grace === undefined ? undefined : grace * 1000;
  const settings = resolveServerSettings({ host, port, graceMs }, environment);
  // An interruption ends the start at once: the database may never answer.
  const opening = openService(options, settings.graceMs, context);
  const service = await Promise.race([opening, interrupted]);
  const { gateway, runtime, startWorker, agents, logger, tracing } = service;
  let byDeadline: ReturnType<typeof startStopDeadline> | undefined;
  try {
    const sharesMetrics = cluster.isWorker;
    await using server = await serve({
      orchestra: gateway,
      runtime,
      agents,
      environment,
      host,
      port,
      graceMs,
      sharesMetrics,
      tracing,
    });
    // Started after the server: if that cannot listen, no run is taken from the queue and interrupted.
    const worker = await Promise.race([startWorker?.(), interrupted]);
    const runs = runtime ? { worker: worker?.name ?? "none" } : {};
    const { url } = server;
    logger.info("server listens", { url, pid: process.pid, roles: gateway.roles, ...runs });
    const { signal } = await interruption;
    logger.info("draining", { signal, ...(worker ? { runs: worker.active } : {}) });
    byDeadline = startStopDeadline(settings.graceMs);
    await byDeadline(Promise.all([server.close(), worker?.drain()]));
  } finally {
    const closing = close(service);
    await (byDeadline?.(closing) ?? closing);
  }
  logger.info("stopped");
}

async function close({ runtime, gateway, tracing }: Service): Promise<void> {
  await (runtime ? runtime.close() : gateway.flushCosts());
  await tracing?.close();
}
