import { randomUUID } from "node:crypto";
import { open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

/** An older temporary file was left by a killed process: no write takes this long. */
const abandonedAfterMs = 60 * 60 * 1000;
const temporaryName = /^\.artifact-[0-9a-f-]{36}\.tmp$/;

export interface ReplaceFileOptions {
  /** Permissions of the file, without those that the process masks. @defaultValue `0o666` */
  readonly mode?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Creates or replaces a file atomically. A reader gets the old file or the new one, also after a
 * crash, because the bytes are on the disk before the file gets its name.
 *
 * The name itself is durable only after {@link syncFolder} of its folder.
 */
export async function replaceFile(
  file: string,
  bytes: Uint8Array,
  { mode = 0o666, signal }: ReplaceFileOptions = {},
): Promise<void> {
  const folder = dirname(file);
  // Random, because a process id is not unique: every container of a cluster may be process 1.
  const temporary = join(folder, `.artifact-${randomUUID()}.tmp`);
  let writtenAt: number;
  try {
    await using handle = await open(temporary, "wx", mode & 0o777);
    await handle.writeFile(bytes);
    await handle.sync();
    writtenAt = (await handle.stat()).mtimeMs;
    signal?.throwIfAborted();
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
  await removeAbandoned(folder, writtenAt);
}

/** Waits until a folder's entries are on the disk, if the file system supports that. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    await using handle = await open(folder, "r");
    await handle.sync();
  } catch (error) {
    if (!cannotSync.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}

/** Windows does not sync folders, nor do some network file systems; a folder may also not be readable. */
const cannotSync = new Set(["EACCES", "EINVAL", "EISDIR", "ENOTSUP", "EPERM"]);

/** Clean-up: its failure must not fail a successful write. `now` is the file system's time. */
async function removeAbandoned(folder: string, now: number): Promise<void> {
  try {
    for (const name of await readdir(folder)) {
      if (!temporaryName.test(name)) continue;
      const temporary = join(folder, name);
      const { mtimeMs } = await stat(temporary);
      if (now - mtimeMs > abandonedAfterMs) await rm(temporary, { force: true });
    }
  } catch {
    // Another process has deleted the file at the same moment, or this process lacks the permission.
  }
}
