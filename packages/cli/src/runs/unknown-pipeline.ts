import type { Pipeline, Run } from "@orchestra/runtime";

/** Whether the pipeline of a run, in its version, is one of these. */
export function isRunOf({ pipeline, version }: Run, pipelines: readonly Pipeline[]): boolean {
  return pipelines.some(({ name, version: own = "1" }) => name === pipeline && own === version);
}

/** The error for a run whose pipeline is not in the config, with what to do. */
export function describeUnknownPipeline(
  { id, pipeline, version }: Run,
  pipelines: readonly Pipeline[],
): string {
  const known = pipelines.map(({ name, version: own = "1" }) => `${name} (version ${own})`);
  const has = known.length > 0 ? known.join(", ") : "no pipelines";
  return `Run ${id} cannot be executed here: the pipeline ${pipeline}, version ${version}, is not in the config, which has ${has}. Start the program that defines it, name its config with --config, or add it to pipelines in orchestra.config.ts.`;
}
