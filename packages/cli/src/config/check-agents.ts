import type { Orchestra } from "@orchestra/core";
import { issues, quoted } from "@orchestra/core/extend";
import type { ConfigAgent, OrchestraConfig } from "./config.ts";
import { ConfigError } from "./config-error.ts";
import { reasonOf } from "./reason-of.ts";

const example = "agents: (orchestra) => [orchestra.agent(role)]";
const result = `an array of agents, as in ${example}`;

/**
 * Wraps the function `agents` of a config, so that its result is checked.
 *
 * @param file - Name of the config, for messages.
 * @throws {ConfigError} for a value that is not a function. The returned function throws one if `agents` throws, or
 * does not return agents with different roles.
 */
export function checkAgents(agents: unknown, file: string): OrchestraConfig["agents"] {
  if (typeof agents !== "function") {
    throw new ConfigError(
      `${file}: agents ${issues.expected(`a function, as in ${example}`)({ input: agents })}.`,
    );
  }
  return (orchestra) => {
    const made = call(agents as (orchestra: Orchestra) => unknown, orchestra, file);
    checkMade(made, `${file}: agents`);
    return made;
  };
}

function call(
  agents: (orchestra: Orchestra) => unknown,
  orchestra: Orchestra,
  file: string,
): unknown {
  try {
    return agents(orchestra);
  } catch (error) {
    throw new ConfigError(`${file}: agents fails: ${reasonOf(error, file)}`, { cause: error });
  }
}

function checkMade(made: unknown, where: string): asserts made is readonly ConfigAgent[] {
  if (made instanceof Promise) {
    throw new ConfigError(`${where}: the result is a promise: expected ${result}, without async.`);
  }
  if (!Array.isArray(made)) {
    throw new ConfigError(`${where}: the result ${issues.expected(result)({ input: made })}.`);
  }
  const roles = new Set<string>();
  for (const [index, agent] of made.entries()) {
    if (!isAgent(agent)) {
      const what = issues.expected("an agent, as orchestra.agent(role) returns it")({
        input: agent,
      });
      throw new ConfigError(`${where}: item ${index} of the result ${what}.`);
    }
    const { name } = agent.role;
    if (roles.has(name)) {
      throw new ConfigError(
        `${where}: two agents have the role ${quoted(name)}: expected a different role for each.`,
      );
    }
    roles.add(name);
  }
}

function isAgent(value: unknown): value is ConfigAgent {
  const { role, invoke } = (value ?? {}) as Partial<ConfigAgent>;
  return typeof role?.name === "string" && typeof invoke === "function";
}
