import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { files } from "@orchestra/core/extend";
import { UsageError } from "../usage-error.ts";

/**
 * Creates a folder for files of processes that are killed, such as sockets. It is deleted at the end of the demo. Its
 * name is short, because the path of a socket may have only about a hundred characters.
 *
 * @throws {UsageError} if it cannot be created
 */
export async function scratchFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "demo-")).catch((error: unknown) => {
    throw new UsageError(
      `The demo needs a folder for temporary files, and ${tmpdir()} cannot be used: ${files.describeFileError(error)}. Set TMPDIR to a writable folder.`,
    );
  });
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
