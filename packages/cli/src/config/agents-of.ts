import {
  createLogger,
  createRedactor,
  Orchestra,
  type Environment,
  type Settings,
} from "@orchestra/core";
import type { ConfigAgent, OrchestraConfig } from "./config.ts";

/**
 * The agents of a config, to read their roles and models. Calls are for an orchestra that has a log.
 *
 * @throws {SettingsError} for settings that are not valid
 * @throws what `agents` of the config throws
 */
export function agentsOf(
  config: OrchestraConfig,
  models: Settings,
  environment: Environment,
): readonly ConfigAgent[] {
  if (!config.agents) return [];
  const logger = createLogger({ level: "silent", redact: createRedactor(models) });
  return config.agents(new Orchestra({ ...config.orchestra, logger, environment }));
}
