import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { checkInput } from "@orchestra/core/extend";
import { problemOfName } from "./artifact-path.ts";
import { artifactOptions, folderSchema, type ArtifactInfo } from "./artifacts.ts";

const optionsSchema = artifactOptions.pick({ signal: true });

/**
 * All artifacts of a folder, sorted by path; none where there is no such folder. Hidden files are
 * left out, and with them the temporary ones of writes that are under way or were killed; so are
 * symbolic links, and names that `writeArtifact` would refuse.
 *
 * @throws {ArgumentError} for arguments of the wrong kind
 */
export async function listArtifacts(
  folder: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<ArtifactInfo[]> {
  checkInput(folderSchema, folder, "listArtifacts()", "folder");
  checkInput(optionsSchema, options, "listArtifacts()");
  const { signal } = options;
  const found = await listFolder(folder, "", signal);
  return found.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

async function listFolder(
  root: string,
  below: string,
  signal: AbortSignal | undefined,
): Promise<ArtifactInfo[]> {
  signal?.throwIfAborted();
  const found: ArtifactInfo[] = [];
  const entries = await readdir(join(root, below), { withFileTypes: true }).catch(ifGone);
  for (const entry of entries ?? []) {
    if (problemOfName(entry.name) !== undefined) continue;
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await listFolder(root, path, signal)));
    const stats = entry.isFile() ? await lstat(join(root, path)).catch(ifGone) : undefined;
    if (stats?.isFile()) found.push({ path, bytes: stats.size });
  }
  return found;
}

/** A file may go while the folder is read. */
function ifGone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
