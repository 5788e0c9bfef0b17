import { artifacts, checkInput } from "@orchestra/core/extend";
import { artifactOptions, folderSchema, type ArtifactInfo } from "./artifacts.ts";

const optionsSchema = artifactOptions.pick({ signal: true });

/**
 * All artifacts of a folder, sorted by path; none if the folder does not exist. Hidden files are
 * omitted, including temporary files of writes that are in progress or were killed. So are
 * symbolic links, and names that `writeArtifact` would refuse.
 *
 * @throws {ArgumentError} for arguments of the wrong type
 */
export async function listArtifacts(
  folder: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<ArtifactInfo[]> {
  checkInput(folderSchema, folder, "listArtifacts()", "folder");
  checkInput(optionsSchema, options, "listArtifacts()");
  const found = await artifacts.findArtifacts(folder, options.signal);
  return found.map(({ path, stats }) => ({ path, bytes: stats.size }));
}
