import { randomUUID } from "node:crypto";
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { files } from "@orchestra/core/extend";
import { UsageError } from "../errors/usage-error.ts";

/** A folder that can be written to. If it is disposed of before `keep()`, the folders that were created are removed. */
export interface ProjectFolder extends AsyncDisposable {
  keep(): void;
}

/**
 * Creates the folder of a project with its parents, and writes a file into it as a test.
 *
 * @throws {UsageError} for a folder that cannot be created or written to
 */
export async function prepareProjectFolder(root: string): Promise<ProjectFolder> {
  let made: string | undefined;
  let isKept = false;
  const remove = async () => {
    if (made !== undefined && !isKept) await rm(made, { recursive: true, force: true });
  };
  try {
    made = await files.makeFolder(root);
    const probe = join(root, `.orchestra-${randomUUID()}`);
    await writeFile(probe, "", { flag: "wx" });
    await rm(probe);
  } catch (error) {
    await remove();
    throw unusable(root, error);
  }
  return {
    keep: () => {
      isKept = true;
    },
    [Symbol.asyncDispose]: remove,
  };
}

/** Entries of a folder that counts as empty. */
const ignored = new Set([".git", ".orchestra", ".DS_Store"]);
const maxNames = 10;

/** @throws {UsageError} for a folder that is not empty, and for a file */
export async function checkEmpty(root: string): Promise<void> {
  const entries = await readdir(root).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw unusable(root, error);
  });
  const names = entries.filter((name) => !ignored.has(name)).toSorted();
  if (names.length === 0) return;
  const more = names.length > maxNames ? ` and ${names.length - maxNames} more` : "";
  throw new UsageError(
    `The folder is not empty (${root}): it has ${names.slice(0, maxNames).join(", ")}${more}. Name another folder, or use --force to write into this one; it replaces files of the same names.`,
  );
}

function unusable(root: string, error: unknown): UsageError {
  return new UsageError(
    `The project cannot be written (${root}): ${files.describeFileError(error)}. Name another folder.`,
    { cause: error },
  );
}
