import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";

/** Git ignores it; and configs in it find this package by its name. */
const parent = join(import.meta.dirname, "../../.orchestra");

/** A folder that is gone when the test is. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  await mkdir(parent, { recursive: true });
  const path = await mkdtemp(join(parent, "test-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
