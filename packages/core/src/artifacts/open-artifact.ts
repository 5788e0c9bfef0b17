import { constants, type Stats } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { findPlace, unless } from "./artifact-place.ts";

/** An artifact that is open for reading. If the file is replaced, the reader still gets the old content. */
export interface OpenedArtifact {
  /** Relative to the folder, without `./`. */
  readonly path: string;
  /** The caller closes it. */
  readonly handle: FileHandle;
  readonly stats: Stats;
}

/** Does not follow a link or wait for a pipe that has replaced the file since it was checked. */
const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * Opens an artifact; `undefined` if there is none at that path.
 *
 * @throws {ArtifactError} for a path that `writeArtifact` would refuse
 */
export async function openArtifact(
  folder: string,
  path: string,
): Promise<OpenedArtifact | undefined> {
  const place = await findPlace(folder, path);
  if (place?.stats === undefined) return undefined;
  const handle = await open(place.file, flags).catch(unless("ENOENT", "ELOOP"));
  if (handle === undefined) return undefined;
  const stats = await handle.stat();
  if (stats.isFile()) return { path: place.path, handle, stats };
  await handle.close();
  return undefined;
}
