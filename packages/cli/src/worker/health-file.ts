import { lstat, rename, rm, writeFile } from "node:fs/promises";
import { UsageError } from "../errors/usage-error.ts";

const intervalMs = 2000;

/**
 * Writes a report to a file every 2 seconds. Each write replaces the file, so a reader never sees a part of a report.
 * When it is disposed of, the file is deleted.
 *
 * @throws {UsageError} if the file cannot be written
 */
export async function writeHealthFile(
  path: string,
  report: () => object,
): Promise<AsyncDisposable> {
  const part = `${path}.${process.pid}.part`;
  const write = async () => {
    await writeFile(part, `${JSON.stringify(report())}\n`);
    await rename(part, path);
  };
  await requireReplaceable(path);
  try {
    await write();
  } catch (error) {
    await rm(part, { force: true });
    throw new UsageError(
      `The health file cannot be written (--health ${path}): ${(error as Error).message}. Name a file in a folder that exists and can be written.`,
      { cause: error },
    );
  }
  let writing = Promise.resolve();
  const timer = setInterval(() => {
    // If a write fails, such as on a full disk, the report becomes old, and the reader sees that by `reportedAt`.
    writing = writing.then(write).catch(() => undefined);
  }, intervalMs).unref();
  return {
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      await writing;
      for (const file of [part, path]) await rm(file, { force: true });
    },
  };
}

/**
 * Each write replaces what has this path. A device such as `/dev/stdout` would be deleted.
 *
 * @throws {UsageError} if the path exists and is not a file
 */
async function requireReplaceable(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (!found || found.isFile()) return;
  throw new UsageError(
    `The health file cannot be written (--health ${path}): it exists and is not a file. Name a new file.`,
  );
}
