import type { Stats } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { maxPath, problemOfName } from "./artifact-path.ts";
import { unless } from "./artifact-place.ts";

export interface FoundArtifact {
  /** Relative to the folder, with forward slashes. */
  readonly path: string;
  readonly stats: Stats;
}

/**
 * All artifacts of a folder, sorted by path; none if the folder does not exist. Hidden files are
 * omitted, including temporary files of writes that are in progress or were killed. So are
 * symbolic links, and names and paths that `writeArtifact` would refuse.
 */
export async function findArtifacts(
  folder: string,
  signal?: AbortSignal,
): Promise<FoundArtifact[]> {
  const found = await findBelow(folder, "", signal);
  return found.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

async function findBelow(
  root: string,
  below: string,
  signal: AbortSignal | undefined,
): Promise<FoundArtifact[]> {
  signal?.throwIfAborted();
  const found: FoundArtifact[] = [];
  // A file may be deleted while the folder is read.
  const entries = await readdir(join(root, below), { withFileTypes: true }).catch(unless("ENOENT"));
  for (const entry of entries ?? []) {
    if (problemOfName(entry.name) !== undefined) continue;
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (path.length > maxPath) continue;
    if (entry.isDirectory()) found.push(...(await findBelow(root, path, signal)));
    const stats = entry.isFile()
      ? await lstat(join(root, path)).catch(unless("ENOENT"))
      : undefined;
    if (stats?.isFile()) found.push({ path, stats });
  }
  return found;
}
