import { readFile } from "node:fs/promises";
import { z } from "zod";
import { ArtifactError, artifacts, checkInput, expected } from "@orchestra/core/extend";
import {
  artifactOptions,
  artifactPath,
  defaultMaxBytes,
  describeArtifact,
  folderSchema,
  type Artifact,
  type ArtifactOptions,
} from "./artifacts.ts";
import { replaceFile, syncFolder } from "./replace-file.ts";

const contentSchema = z.union([z.string(), z.instanceof(Uint8Array)], {
  error: expected("a text or a Uint8Array"),
});

/**
 * Writes a file into a folder, completely or not at all. The folder, and folders in the path, are created
 * if they are missing; an existing file is replaced.
 *
 * Safe to repeat: writing the same content again does not change the file and returns the same result, so a
 * step that runs again after a crash leaves one artifact. When the promise resolves, the file
 * survives a power failure. If two writers write at the same time, the later one replaces the whole file.
 *
 * A path that a model chooses cannot leave the folder. This does not protect against another program
 * that creates links in the folder at the same moment.
 *
 * @param path - Relative, with forward slashes; names must be valid on any file system, and not hidden.
 *
 * @throws {ArtifactError} for a path that leads out of the folder, by `..` or by a link, or that is
 * not that of a file; for content larger than `maxBytes`
 * @throws {ArgumentError} for arguments of the wrong type
 *
 * @example
 * ```ts
 * const { sha256 } = await writeArtifact("./out", "reports/lamp.md", "# Lamp\n");
 * ```
 */
export async function writeArtifact(
  folder: string,
  path: string,
  content: string | Uint8Array,
  options: ArtifactOptions = {},
): Promise<Artifact> {
  const where = "writeArtifact()";
  checkInput(folderSchema, folder, where, "folder");
  checkInput(artifactPath, path, where, "path");
  checkInput(contentSchema, content, where, "content");
  checkInput(artifactOptions, options, where);
  const { maxBytes = defaultMaxBytes, signal } = options;
  signal?.throwIfAborted();
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  if (bytes.length > maxBytes) {
    throw new ArtifactError(
      `The content is ${bytes.length} bytes long: expected at most ${maxBytes} (maxBytes). Write less, or several files.`,
      { path },
    );
  }
  const place = await artifacts.preparePlace(folder, path);
  if (!(await holds(place, bytes))) {
    await replaceFile(place.file, bytes, { mode: place.stats?.mode, signal });
  }
  // Also if nothing was written: the process that wrote the file may have been killed before this.
  for (const parent of place.folders) await syncFolder(parent);
  return describeArtifact(place.path, bytes);
}

async function holds(
  { file, stats }: artifacts.ArtifactPlace,
  bytes: Uint8Array,
): Promise<boolean> {
  return stats?.size === bytes.length && Buffer.compare(bytes, await readFile(file)) === 0;
}
