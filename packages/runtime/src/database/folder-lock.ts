import { open, readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { files } from "@orchestra/core/extend";
import { DatabaseError } from "./database-error.ts";
import { isAlive, ownLockText, parseLockText, type LockHolder } from "./lock-holder.ts";

/** Folders that this process has locked. */
const own = new Set<string>();

/** After this many attempts to read a lock, the process that was writing it must have been killed. */
const maxLooks = 250;
const betweenLooksMs = 20;

/**
 * Locks a folder for this process: PGlite supports one process, and two would destroy each other's data.
 * The lock of a process that has ended is replaced.
 *
 * @throws {DatabaseError} if another process has the lock, or no lock can be written there
 */
export async function lockFolder(folder: string): Promise<AsyncDisposable> {
  const path = join(resolve(folder), "lock");
  if (own.has(path)) throw inUse(folder, process.pid);
  own.add(path);
  try {
    await files.makeFolder(resolve(folder));
    const text = await ownLockText();
    while (!(await create(path, text))) {
      const holder = await readHolder(path);
      if (holder === undefined) continue;
      if (await isAlive(holder)) throw inUse(folder, holder.pid);
      await removeLeft(path, text);
    }
  } catch (error) {
    own.delete(path);
    throw DatabaseError.isInstance(error) ? error : unwritable(folder, error);
  }
  return { [Symbol.asyncDispose]: () => release(path) };
}

/** The process that has locked a folder; `undefined` if no running process has. */
export async function holderOf(folder: string): Promise<number | undefined> {
  const path = join(resolve(folder), "lock");
  if (own.has(path)) return process.pid;
  const holder = await readHolder(path);
  return holder !== undefined && (await isAlive(holder)) ? holder.pid : undefined;
}

async function release(path: string): Promise<void> {
  await rm(path, { force: true });
  own.delete(path);
}

/** @returns whether the file was created; `false` if it exists */
async function create(path: string, text: string): Promise<boolean> {
  try {
    await using file = await open(path, "wx");
    try {
      await file.writeFile(text);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === "EEXIST") return false;
    throw error;
  }
}

/** It was killed before it wrote its number. */
const noProcess: LockHolder = { pid: 0 };

/** The process of a lock; `undefined` if there is no lock. An empty lock is being written. */
async function readHolder(path: string): Promise<LockHolder | undefined> {
  for (let look = 0; look < maxLooks; look += 1) {
    const text = await read(path);
    if (text !== "") return text === undefined ? undefined : parseLockText(text);
    await sleep(betweenLooksMs);
  }
  return noProcess;
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Removes the lock of a process that has ended. If several processes have found it, one at a time removes it: the
 * others would remove the new lock of the first.
 */
async function removeLeft(path: string, ownText: string): Promise<void> {
  const guard = `${path}.removal`;
  while (!(await create(guard, ownText))) {
    const remover = await readHolder(guard);
    // It was killed while it did this.
    if (remover !== undefined && !(await isAlive(remover))) break;
    await sleep(betweenLooksMs);
  }
  try {
    const holder = await readHolder(path);
    if (holder !== undefined && !(await isAlive(holder))) await rm(path, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

function inUse(folder: string, holder: number): DatabaseError {
  return new DatabaseError(
    `The embedded database in ${resolve(folder)} is in use by process ${holder}`,
    {
      advice:
        "Stop that process, use its HTTP API if it is a server, set ORCHESTRA_HOME to another folder, or set DATABASE_URL to a PostgreSQL server, which many processes can share.",
    },
  );
}

function unwritable(folder: string, cause: unknown): DatabaseError {
  return new DatabaseError(
    `The embedded database cannot be stored in ${resolve(folder)}: ${files.describeFileError(cause)}`,
    {
      advice: "Set ORCHESTRA_HOME to a writable folder, or DATABASE_URL to a PostgreSQL server.",
      cause,
    },
  );
}
