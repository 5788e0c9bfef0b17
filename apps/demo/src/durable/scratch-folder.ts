import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { files } from "@orchestra/core/extend";
import { UsageError } from "../usage-error.ts";

/**
 * A folder for what processes leave that are killed, as sockets; it goes when the demo does. Its name
 * is short, for a socket's path may be a hundred characters long and no more.
 *
 * @throws {UsageError} where there can be none
 */
export async function scratchFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "demo-")).catch((error: unknown) => {
    throw new UsageError(
      `The demo needs a folder for temporary files, and ${tmpdir()} cannot be used: ${files.describeFileError(error)}. Set TMPDIR to a folder in which files can be made.`,
    );
  });
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
