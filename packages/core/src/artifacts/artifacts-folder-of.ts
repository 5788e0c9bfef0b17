import type { RunnableConfig } from "@langchain/core/runnables";

/**
 * The folder of a durable run's artifacts, for a step or a tool that writes files itself. It may not exist
 * yet; `writeArtifact` creates it.
 *
 * @param config - The second argument that LangChain passes to a tool, a node or a runnable.
 * @returns `undefined` outside of durable runs
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
