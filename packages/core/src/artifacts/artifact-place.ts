import type { Stats } from "node:fs";
import { lstat, mkdir, realpath } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { makeFolder } from "../files/make-folder.ts";
import { ArtifactError } from "./artifact-error.ts";
import { parseArtifactPath } from "./artifact-path.ts";

/** The path of an artifact, which may not exist yet. */
export interface ArtifactPlace {
  /** Relative to the folder, without `./`. */
  readonly path: string;
  /** Absolute, without links. */
  readonly file: string;
  /** What exists there now: a regular file, or nothing. */
  readonly stats: Stats | undefined;
}

/** A path whose folders exist. */
export interface PreparedPlace extends ArtifactPlace {
  /** The folders that contain the file, innermost first: all that may be new. */
  readonly folders: readonly string[];
}

/**
 * Finds the path of an artifact, and creates the folders on the way to it. Every step is checked
 * first, so that no link leads out of the folder; a link to a folder inside is followed.
 *
 * @throws {ArtifactError} if the path leads out of the folder, through a file, or to something that is not a file
 */
export async function preparePlace(folder: string, path: string): Promise<PreparedPlace> {
  const names = parseArtifactPath(path);
  const made = await makeFolder(resolve(folder));
  const root = await realpath(resolve(folder));
  let parent = root;
  for (const name of names.slice(0, -1)) {
    await mkdir(join(parent, name)).catch(unless("EEXIST"));
    parent = await enter(root, parent, name, path);
  }
  const top = made === undefined ? root : await realpath(dirname(made));
  return { ...(await placeIn(parent, names, path)), folders: foldersUp(parent, top) };
}

/**
 * Finds the path of an artifact without creating anything; `undefined` if a folder on the way does not
 * exist.
 *
 * @throws {ArtifactError} like {@link preparePlace}
 */
export async function findPlace(folder: string, path: string): Promise<ArtifactPlace | undefined> {
  const names = parseArtifactPath(path);
  // Other programs write names with accents in another form, such as those that unpack an archive of macOS.
  const given = path.split("/").filter((name) => name !== ".");
  const decomposed = names.map((name) => name.normalize("NFD"));
  let place: ArtifactPlace | undefined;
  for (const form of [given, decomposed, names]) {
    place = await placeOf(folder, form, path);
    if (place?.stats) break;
  }
  return place;
}

async function placeOf(
  folder: string,
  names: readonly string[],
  path: string,
): Promise<ArtifactPlace | undefined> {
  try {
    const root = await realpath(resolve(folder));
    let parent = root;
    for (const name of names.slice(0, -1)) parent = await enter(root, parent, name, path);
    return await placeIn(parent, names, path);
  } catch (error) {
    return unless("ENOENT", "ENAMETOOLONG")(error);
  }
}

/** The real path of a folder's folder. */
async function enter(root: string, parent: string, name: string, path: string): Promise<string> {
  const next = join(parent, name);
  const stats = await lstat(next);
  if (stats.isDirectory()) return next;
  const shown = relative(root, next).split(sep).join("/");
  if (!stats.isSymbolicLink()) {
    throw new ArtifactError(`${shown} is a file, not a folder; choose another path.`, { path });
  }
  const target = await realpath(next).catch(unless("ENOENT", "ELOOP"));
  if (target === undefined || !isInside(root, target) || !(await lstat(target)).isDirectory()) {
    throw new ArtifactError(
      `${shown} is a symbolic link that does not lead to a folder in here; choose another path.`,
      { path },
    );
  }
  return target;
}

async function placeIn(
  parent: string,
  names: readonly string[],
  path: string,
): Promise<ArtifactPlace> {
  const file = join(parent, names.at(-1) ?? "");
  const stats = await lstat(file).catch(unless("ENOENT"));
  if (stats === undefined || stats.isFile()) return { path: names.join("/"), file, stats };
  const kind = stats.isDirectory()
    ? "a folder"
    : stats.isSymbolicLink()
      ? "a symbolic link"
      : "not a file";
  throw new ArtifactError(`${names.join("/")} is ${kind}; choose another path.`, { path });
}

function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

/** From the innermost folder up to the one that existed before. */
function foldersUp(innermost: string, top: string): string[] {
  const folders = [innermost];
  for (let at = innermost; at !== top && at !== dirname(at); at = dirname(at)) {
    folders.push(dirname(at));
  }
  return folders;
}

/** Returns `undefined` for failures with one of these codes; throws all others. */
export function unless(...codes: string[]): (error: unknown) => undefined {
  return (error) => {
    if (codes.includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  };
}
