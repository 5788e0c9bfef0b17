import { createHash } from "node:crypto";
import { lstat, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { artifacts } from "@orchestra/core/extend";
import { ArtifactsFolderError } from "../errors/index.ts";

/** A file that a run has written. */
export interface RunArtifact {
  /** Relative to the run's folder, with forward slashes. */
  readonly name: string;
  readonly bytes: number;
  /** When the file was written, as ISO 8601. A file that is replaced has a new time. */
  readonly createdAt: string;
}

/**
 * The files that runs write. Each run has its own folder, which is created with its first file. The methods throw
 * an {@link ArtifactsFolderError} for a folder that this process cannot use.
 */
export class RunArtifacts {
  readonly #root: string;

  /** @param root - Contains the folders of the runs. */
  constructor(root: string) {
    this.#root = resolve(root);
  }

  /**
   * The folder of a run, which may not exist. It is named after the run's id if that is a UUID, as it is
   * by default. A caller's own id may be a path, or equal to another one on some file systems.
   */
  folderOf(runId: string): string {
    const name = uuid.test(runId)
      ? runId
      : `sha256-${createHash("sha256").update(runId).digest("hex")}`;
    return join(this.#root, name);
  }

  /** The run's files by their names; none if this machine does not have its folder. */
  async list(runId: string): Promise<RunArtifact[]> {
    const found = await this.#explained(async () =>
      (await this.#hasFolder(runId)) ? artifacts.findArtifacts(this.folderOf(runId)) : [],
    );
    return found.map(({ path, stats }) => ({
      name: path,
      bytes: stats.size,
      createdAt: stats.mtime.toISOString(),
    }));
  }

  /** @throws {ArtifactError} for an invalid name of an artifact */
  async open(runId: string, name: string): Promise<artifacts.OpenedArtifact | undefined> {
    return this.#explained(async () =>
      (await this.#hasFolder(runId))
        ? artifacts.openArtifact(this.folderOf(runId), name)
        : undefined,
    );
  }

  /** Deletes the run's folder, if there is one. */
  async delete(runId: string): Promise<void> {
    await this.#explained(() => rm(this.folderOf(runId), { recursive: true, force: true }));
  }

  async #explained<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw ArtifactsFolderError.explain(error, this.#root);
    }
  }

  /** A link instead of the folder could lead anywhere. */
  async #hasFolder(runId: string): Promise<boolean> {
    const stats = await lstat(this.folderOf(runId)).catch(ifMissing);
    return stats?.isDirectory() ?? false;
  }
}

const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
