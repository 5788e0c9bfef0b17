import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** A new embedded database, as an archive. */
    readonly pgliteImage: string;
  }
}

/** Puts a new embedded database where the command would make one: a copy is there sooner. */
export async function copyEmbeddedDatabase(folder: string): Promise<void> {
  const database = join(folder, ".orchestra/database");
  await mkdir(database, { recursive: true });
  await promisify(execFile)("tar", ["-xf", inject("pgliteImage"), "-C", database]);
}
