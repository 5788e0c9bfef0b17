import type { Stats } from "node:fs";
import { lstat, mkdir, realpath } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { makeFolder } from "../files/make-folder.ts";
import { ArtifactError } from "./artifact-error.ts";
import { parseArtifactPath } from "./artifact-path.ts";

/** Where an artifact lies or will lie. */
export interface ArtifactPlace {
  /** Relative to the folder, in its normal form. */
  readonly path: string;
  /** Absolute, without links. */
  readonly file: string;
  /** What lies there now: a regular file, or nothing. */
  readonly stats: Stats | undefined;
}

/** A place whose folders are there. */
export interface PreparedPlace extends ArtifactPlace {
  /** The folders whose entries lead to the file, innermost first: all those that may be new. */
  readonly folders: readonly string[];
}

/**
 * Finds the place of an artifact, and makes the folders on the way to it. Every step is looked at
 * before it is taken, so that no link leads out; a link to a folder inside is followed.
 *
 * @throws {ArtifactError} where the path leads out of the folder, through a file or to no file
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
 * Finds the place of an artifact without making anything; `undefined` where a folder on the way is
 * not there.
 *
 * @throws {ArtifactError} as {@link preparePlace} does
 */
export async function findPlace(folder: string, path: string): Promise<ArtifactPlace | undefined> {
  const names = parseArtifactPath(path);
  try {
    const root = await realpath(resolve(folder));
    let parent = root;
    for (const name of names.slice(0, -1)) parent = await enter(root, parent, name, path);
    return await placeIn(parent, names, path);
  } catch (error) {
    return unless("ENOENT")(error);
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

/** From the innermost folder up to the one that is known to have been there. */
function foldersUp(innermost: string, top: string): string[] {
  const folders = [innermost];
  for (let at = innermost; at !== top && at !== dirname(at); at = dirname(at)) {
    folders.push(dirname(at));
  }
  return folders;
}

/** Turns failures with one of these codes into `undefined`; others are thrown on. */
export function unless(...codes: string[]): (error: unknown) => undefined {
  return (error) => {
    if (codes.includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  };
}
