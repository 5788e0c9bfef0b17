import { createLogger, createRedactor, Orchestra, resolveSettings } from "@orchestra/core";
import { serve } from "@orchestra/server";
import { findConfig, loadConfig } from "../config/index.ts";
import { interruptionOf } from "../interruption.ts";
import type { Surroundings } from "../surroundings.ts";

/** What the command line says of a server. */
export interface ServeCommandOptions {
  /** @defaultValue `ORCHESTRA_SERVER_PORT` */
  readonly port?: number | undefined;
  /** @defaultValue `ORCHESTRA_SERVER_HOST` */
  readonly host?: string | undefined;
  /** Time of requests under way when the server stops, in seconds. @defaultValue `ORCHESTRA_SERVER_GRACE` */
  readonly grace?: number | undefined;
  /** File of the config. @defaultValue the one in the working folder, if there is one */
  readonly config?: string | undefined;
}

/**
 * Serves until it is told to stop; then lets requests under way end.
 *
 * @throws {ConfigError} {@link SettingsError} {@link ListenError} where it cannot begin
 */
export async function runServer(
  options: ServeCommandOptions,
  surroundings: Surroundings,
): Promise<void> {
  const told = interruptionOf(surroundings.signal);
  const orchestra = await createOrchestra(options, surroundings);
  const { host, port, grace } = options;
  const graceMs = grace === undefined ? undefined : grace * 1000;
  const { environment } = surroundings;
  const server = await serve({ orchestra, environment, host, port, graceMs });
  const { logger } = orchestra;
  logger.info("server listens", { url: server.url, roles: orchestra.roles });
  const { signal } = await told;
  logger.info("draining", { signal });
  await server.close();
  await orchestra.flushCosts();
  logger.info("stopped");
}

async function createOrchestra(
  { config: path }: ServeCommandOptions,
  { folder, environment }: Surroundings,
): Promise<Orchestra> {
  const isThere = path !== undefined || (await findConfig(folder)) !== undefined;
  const options = isThere ? (await loadConfig({ folder, path })).orchestra : undefined;
  const settings = resolveSettings(options?.settings, environment);
  const redact = createRedactor(settings);
  const logger = options?.logger ?? createLogger({ level: settings.logLevel, redact });
  return new Orchestra({ ...options, environment, logger });
}
