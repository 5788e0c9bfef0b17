import { createHash } from "node:crypto";
import { z } from "zod";
import { schemas } from "@orchestra/core/extend";

/** A file that an agent has written. */
export interface Artifact extends ArtifactInfo {
  /** SHA-256 of the content, in hexadecimal. */
  readonly sha256: string;
}

/** An artifact in the list of a folder. */
export interface ArtifactInfo {
  /** Relative to the folder, with forward slashes. */
  readonly path: string;
  /** Size of the file. */
  readonly bytes: number;
}

/** An artifact with its content. */
export interface ArtifactText extends Artifact {
  readonly text: string;
}

export interface ArtifactOptions {
  /** Largest artifact that is written or read, in bytes. @defaultValue `1048576`, a mebibyte */
  readonly maxBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A folder of artifacts, as callers pass it. */
export const folderSchema = schemas.path;

/** The path of an artifact; `parseArtifactPath` checks its value. */
export const artifactPath = z.string();

export const artifactOptions = z.strictObject({
  maxBytes: schemas.wholeFrom(0).optional(),
  signal: schemas.signal.optional(),
} satisfies Record<keyof ArtifactOptions, z.ZodType>);

export const defaultMaxBytes = 1024 * 1024;

export function describeArtifact(path: string, bytes: Uint8Array): Artifact {
  return { path, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}
