import { createRedactor, Gateway, type Environment, type Settings } from "@orchestra/core/gateway";
import { createDefaultLogger } from "@orchestra/core/extend";
import type { ConfigAgent, OrchestraConfig } from "./config.ts";

/**
 * Creates the agents of a config to read their roles and models. Their gateway has a silent log: to call agents, use
 * {@link createAgents}.
 *
 * @throws {SettingsError} for settings that are not valid
 * @throws {ConfigError}
 */
export async function inspectAgents(
  config: OrchestraConfig,
  models: Settings,
  environment: Environment,
): Promise<readonly ConfigAgent[]> {
  if (!config.agents) return [];
  const logger = createDefaultLogger({ level: "silent", redact: createRedactor(models) });
  return createAgents(config, new Gateway({ ...config.orchestra, logger, environment }));
}

/**
 * Creates the agents of a config, whose calls go through this gateway. LangChain is loaded only if the config has
 * `agents`.
 *
 * @throws {ConfigError}
 */
export async function createAgents(
  config: OrchestraConfig,
  gateway: Gateway,
): Promise<readonly ConfigAgent[]> {
  if (!config.agents) return [];
  const { Orchestra } = await import("@orchestra/core");
  return config.agents(new Orchestra(gateway));
}
