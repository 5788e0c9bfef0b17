import type { RunnableConfig } from "@langchain/core/runnables";

/**
 * The folder of a durable run's artifacts, for a step or a tool that writes files of its own. It may not be
 * there yet; `writeArtifact` makes it.
 *
 * @param config - What LangChain hands to a tool, a node or a runnable as its second argument.
 * @returns nothing outside of durable runs
 *
 * @example
 * ```ts
 * const folder = artifactsFolderOf(config);
 * if (folder !== undefined) await writeArtifact(folder, "report.md", text);
 * ```
 */
export function artifactsFolderOf(
  config: Pick<RunnableConfig, "configurable"> | undefined,
): string | undefined {
  const folder: unknown = config?.configurable?.["artifacts_folder"];
  return typeof folder === "string" ? folder : undefined;
}
