import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf } from "../errors/message-of.ts";
import { withoutStop } from "../errors/full-stop.ts";

/**
 * Creates a folder, and the missing folders above it. `mkdir` of Node.js with `recursive` never ends
 * if a file system accepts no folder, as in `/proc`, or after a broken link.
 *
 * @returns the first folder that was created; `undefined` if all existed
 * @throws the error of the file system
 */
export async function makeFolder(folder: string): Promise<string | undefined> {
  try {
    return await makeOne(folder);
  } catch (error) {
    const parent = dirname(folder);
    if (codeOf(error) !== "ENOENT" || parent === folder) throw error;
    const first = await makeFolder(parent);
    const made = await makeOne(folder);
    return first ?? made;
  }
}

async function makeOne(folder: string): Promise<string | undefined> {
  try {
    await mkdir(folder);
    return folder;
  } catch (error) {
    if (codeOf(error) !== "EEXIST" || !(await stat(folder)).isDirectory()) throw error;
    return undefined;
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "you have no permission there",
  EEXIST: "there is a file of this name",
  EISDIR: "there is a folder of this name",
  ELOOP: "its links lead in a circle",
  ENAMETOOLONG: "its name is too long",
  ENOENT: "the file system accepts no folder there, or a link leads nowhere",
  ENOSPC: "the disk is full",
  ENOTDIR: "it, or a part of its path, is a file",
  EPERM: "you have no permission there",
  EROFS: "the file system is read-only",
};

/** The reason why a file or a folder could not be created or read, as a part of a sentence. */
export function describeFileError(error: unknown): string {
  const code = codeOf(error);
  const reason = reasons[code];
  if (reason !== undefined) return `${reason} (${code})`;
  return withoutStop(messageOf(error));
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException | null)?.code);
}
