import { definePipeline, type Pipeline } from "@orchestra/runtime";
import type { OrchestraConfig } from "./config.ts";
import { ConfigError } from "./config-error.ts";
import { exampleConfig } from "./example.ts";

/**
 * Makes sure that what a module exports is a config: as its default, or each part under its own name.
 *
 * @param file - Name of the module, for messages.
 * @throws {ConfigError}
 */
export function checkConfig(module: object, file: string): OrchestraConfig {
  const { default: config = module } = module as { readonly default?: unknown };
  const { pipelines } = (config ?? {}) as { readonly pipelines?: unknown };
  if (!Array.isArray(pipelines)) {
    throw new ConfigError(
      `${file} exports no pipelines. It should look like this:\n\n${exampleConfig}`,
    );
  }
  if (pipelines.length === 0) throw new ConfigError(`${file} has an empty list of pipelines.`);
  const names = new Set<string>();
  for (const [index, pipeline] of pipelines.entries()) {
    const name = nameOf(pipeline, `${file}: pipelines[${index}]`);
    if (names.has(name)) {
      throw new ConfigError(
        `${file} has two pipelines with the name ${JSON.stringify(name)}: expected a different name for each.`,
      );
    }
    names.add(name);
  }
  const { agents } = config as { readonly agents?: unknown };
  if (agents !== undefined && typeof agents !== "function") {
    throw new ConfigError(
      `${file}: agents is not a function: expected agents: (orchestra) => [orchestra.agent(role)].`,
    );
  }
  return config as OrchestraConfig;
}

function nameOf(pipeline: unknown, where: string): string {
  const { name, create } = (pipeline ?? {}) as Partial<Pipeline>;
  if (typeof name !== "string" || typeof create !== "function") {
    throw new ConfigError(
      `${where} is not a pipeline: expected what definePipeline({ name, create }) returns.`,
    );
  }
  try {
    return definePipeline({ name, create }).name;
  } catch (error) {
    throw new ConfigError(`${where}: ${(error as Error).message}`, { cause: error });
  }
}
