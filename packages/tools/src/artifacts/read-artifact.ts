import { isUtf8 } from "node:buffer";
import { readFile } from "node:fs/promises";
import { ArtifactError, artifacts, checkInput } from "@orchestra/core/extend";
import {
  artifactOptions,
  artifactPath,
  defaultMaxBytes,
  describeArtifact,
  folderSchema,
  type ArtifactOptions,
  type ArtifactText,
} from "./artifacts.ts";

/**
 * Reads a text artifact; `undefined` if there is none at that path.
 *
 * @throws {ArtifactError} for a path that `writeArtifact` would refuse, for a file larger than
 * `maxBytes`, and for a file that is not UTF-8
 * @throws {ArgumentError} for arguments of the wrong type
 */
export async function readArtifact(
  folder: string,
  path: string,
  options: ArtifactOptions = {},
): Promise<ArtifactText | undefined> {
  const where = "readArtifact()";
  checkInput(folderSchema, folder, where, "folder");
  checkInput(artifactPath, path, where, "path");
  checkInput(artifactOptions, options, where);
  const { maxBytes = defaultMaxBytes, signal } = options;
  signal?.throwIfAborted();
  const place = await artifacts.findPlace(folder, path);
  if (place?.stats === undefined) return undefined;
  if (place.stats.size > maxBytes) {
    throw new ArtifactError(
      `${place.path} is ${place.stats.size} bytes long; files up to ${maxBytes} can be read (maxBytes).`,
      { path },
    );
  }
  const bytes = await readFile(place.file);
  if (!isUtf8(bytes)) {
    throw new ArtifactError(`${place.path} is not a text and cannot be read.`, { path });
  }
  return { ...describeArtifact(place.path, bytes), text: bytes.toString("utf8") };
}
