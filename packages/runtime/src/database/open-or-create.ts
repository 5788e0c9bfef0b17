import { readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Opens the embedded database of a folder, or creates it if there is none. If creating it failed, or was
 * interrupted with its process, it has no data yet and cannot be opened: it is created again.
 */
export async function openOrCreate<T>(
  folder: string,
  open: (dataDir: string) => Promise<T>,
): Promise<T> {
  const dataDir = join(folder, "database");
  /** Exists for as long as the database is being created. */
  const mark = join(folder, "database.making");
  const isIncomplete = (await stat(mark).catch(() => undefined)) !== undefined;
  if (isIncomplete) await rm(dataDir, { recursive: true, force: true });
  if (!isIncomplete && !(await isEmpty(dataDir))) return await open(dataDir);
  await writeFile(mark, "");
  try {
    const opened = await open(dataDir);
    await rm(mark);
    return opened;
  } catch (error) {
    await rm(dataDir, { recursive: true, force: true });
    await rm(mark, { force: true });
    throw error;
  }
}

async function isEmpty(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).length === 0;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT";
  }
}
