import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";

/** Git ignores this folder, and configs in it can import this package by its name. */
const parent = join(import.meta.dirname, "../../.orchestra");

/** Creates a folder that is deleted when it is disposed of. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  await mkdir(parent, { recursive: true });
  const path = await mkdtemp(join(parent, "test-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
