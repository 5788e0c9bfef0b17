import { issues, sentences } from "@orchestra/core/extend";
import { definePipeline, type Pipeline } from "@orchestra/runtime";
import type { ResolvedConfig, OrchestraConfig } from "./config.ts";
import { checkAgents } from "./check-agents.ts";
import { ConfigError } from "./config-error.ts";
import { exampleConfig } from "./example.ts";

/**
 * Checks that a module exports a config, as its default export or with each field as a named export.
 *
 * @param file - Name of the module, for messages.
 * @throws {ConfigError}
 */
export function checkConfig(module: object, file: string): ResolvedConfig {
  const { default: config = module } = module as { readonly default?: unknown };
  const parts = (config ?? {}) as Readonly<Record<string, unknown>>;
  checkFields(parts, file, "default" in module);
  const { pipelines = [], agents } = parts;
  if (!Array.isArray(pipelines)) {
    throw new ConfigError(
      `${file}: pipelines is not a list: expected pipelines: [definePipeline({ name, create })].`,
    );
  }
  const taken = new Set<string>();
  for (const [index, pipeline] of pipelines.entries()) {
    const name = nameOf(pipeline, `${file}: pipelines[${index}]`);
    if (taken.has(name)) {
      throw new ConfigError(
        `${file} has two pipelines with the name ${JSON.stringify(name)}: expected a different name for each.`,
      );
    }
    taken.add(name);
  }
  return agents === undefined
    ? { ...parts, pipelines }
    : { ...parts, pipelines, agents: checkAgents(agents, file) };
}

const fields = {
  pipelines: true,
  agents: true,
  orchestra: true,
  settings: true,
  limits: true,
  maxCrashes: true,
} satisfies Record<keyof OrchestraConfig, true>;
const names = Object.keys(fields);

/**
 * A module may have other exports too, so an unknown name is an error only if it is similar to a field.
 *
 * @throws {ConfigError} for a config that has none of the fields, or a misspelt one
 */
function checkFields(
  parts: Readonly<Record<string, unknown>>,
  file: string,
  isDefault: boolean,
): void {
  const absent = names.filter((name) => isEmpty(parts[name]));
  for (const name of Object.keys(parts).filter((each) => !names.includes(each))) {
    const near = issues.nearestName(name, absent);
    if (near === undefined) continue;
    throw new ConfigError(`${file}: unknown field: ${name}${issues.didYouMean(near)}.`);
  }
  if (absent.length < names.length) return;
  const where = isDefault ? file : `${file} has no default export, and`;
  throw new ConfigError(
    `${where} exports neither pipelines nor agents. It should look like this:\n\n${exampleConfig}`,
  );
}

function isEmpty(part: unknown): boolean {
  return part === undefined || (Array.isArray(part) && part.length === 0);
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
    const { message } = error as Error;
    throw new ConfigError(`${where}: ${sentences.withStop(message)}`, { cause: error });
  }
}
