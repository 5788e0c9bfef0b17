import { randomUUID } from "node:crypto";
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { files } from "@orchestra/core/extend";
import { UsageError } from "../errors/usage-error.ts";

/** A folder that can be written to. Unless it is kept, what was made of it is removed again. */
export interface ProjectFolder extends AsyncDisposable {
  keep(): void;
}

/**
 * Makes the folder of a project, and tries to write into it.
 *
 * @throws {UsageError} for a folder that cannot be made or written to
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

/** What a folder may have and still count as empty. */
const ignored = new Set([".git", ".orchestra", ".DS_Store"]);
const maxNames = 10;

/** @throws {UsageError} for a folder that has files, or is a file itself */
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
