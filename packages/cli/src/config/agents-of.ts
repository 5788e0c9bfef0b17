import { createRedactor, Gateway, type Environment, type Settings } from "@orchestra/core/gateway";
import { createDefaultLogger } from "@orchestra/core/extend";
import type { ConfigAgent, OrchestraConfig } from "./config.ts";

/**
 * The agents of a config, to read their roles and models. Calls are for a gateway that has a log.
 *
 * @throws {SettingsError} for settings that are not valid
 * @throws {ConfigError}
 */
export async function agentsOf(
  config: OrchestraConfig,
  models: Settings,
  environment: Environment,
): Promise<readonly ConfigAgent[]> {
  if (!config.agents) return [];
  const logger = createDefaultLogger({ level: "silent", redact: createRedactor(models) });
  return agentsOver(config, new Gateway({ ...config.orchestra, logger, environment }));
}

/**
 * The agents of a config, whose calls go through a gateway. LangChain is loaded where there are some.
 *
 * @throws {ConfigError}
 */
export async function agentsOver(
  config: OrchestraConfig,
  gateway: Gateway,
): Promise<readonly ConfigAgent[]> {
  if (!config.agents) return [];
  const { Orchestra } = await import("@orchestra/core");
  return config.agents(new Orchestra(gateway));
}
