import { createRedactor, Gateway, type Environment, type Settings } from "@orchestra/core/gateway";
import type { Orchestra } from "@orchestra/core";
import { createDefaultLogger, messageOf } from "@orchestra/core/extend";
import type { ConfigAgent, OrchestraConfig } from "./config.ts";
import { ConfigError } from "./config-error.ts";

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
  return makeAgents(config, new Orchestra(gateway));
}

/** @throws {ConfigError} where `agents` of the config throws, or returns something else */
export function makeAgents(
  { agents = () => [] }: Pick<OrchestraConfig, "agents">,
  orchestra: Orchestra,
): readonly ConfigAgent[] {
  const made = call(agents, orchestra);
  if (!Array.isArray(made) || !made.every(isAgent)) {
    throw new ConfigError(
      "agents of the config does not return agents: expected an array, as in agents: (orchestra) => [orchestra.agent(role)], without async.",
    );
  }
  return made;
}

function call(agents: (orchestra: Orchestra) => unknown, orchestra: Orchestra): unknown {
  try {
    return agents(orchestra);
  } catch (error) {
    throw new ConfigError(`agents of the config fails: ${messageOf(error)}`, { cause: error });
  }
}

function isAgent(value: unknown): value is ConfigAgent {
  const { role, invoke } = (value ?? {}) as Partial<ConfigAgent>;
  return typeof role?.name === "string" && typeof invoke === "function";
}
