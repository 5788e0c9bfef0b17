import { mkdir, open, readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { DatabaseError } from "./database-error.ts";

/** Folders that this process has: in a container its number may be that of a process that is gone. */
const own = new Set<string>();

/**
 * Takes a folder for this process: PGlite is one process's, and two would destroy each other's data.
 * What a process left that is gone is taken over.
 *
 * @throws {DatabaseError} where another process has it
 */
export async function lockFolder(folder: string): Promise<AsyncDisposable> {
  await mkdir(folder, { recursive: true });
  const path = join(resolve(folder), "lock");
  for (;;) {
    const holder = await take(path);
    if (holder === undefined) {
      own.add(path);
      return { [Symbol.asyncDispose]: () => release(path) };
    }
    if (isHeld(path, holder)) {
      throw new DatabaseError(
        `The embedded database in ${resolve(folder)} is in use by process ${holder}. Let that one end, name another folder with ORCHESTRA_HOME, or set DATABASE_URL to a PostgreSQL server, which many processes can share.`,
      );
    }
    await rm(path, { force: true });
  }
}

/** The process that has a folder; nothing where none has it that still runs. */
export async function holderOf(folder: string): Promise<number | undefined> {
  const path = join(resolve(folder), "lock");
  const text = await readFile(path, "utf8").catch(() => "0");
  return isHeld(path, Number(text)) ? Number(text) : undefined;
}

function isHeld(path: string, holder: number): boolean {
  return holder === process.pid ? own.has(path) : isAlive(holder);
}

async function release(path: string): Promise<void> {
  await rm(path, { force: true });
  own.delete(path);
}

/** @returns who has the lock, if this process did not get it */
async function take(path: string): Promise<number | undefined> {
  try {
    await using file = await open(path, "wx");
    await file.writeFile(String(process.pid));
    return undefined;
  } catch (error) {
    if ((error as { code?: string }).code !== "EEXIST") throw error;
    return Number(await readFile(path, "utf8").catch(() => "0"));
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}
