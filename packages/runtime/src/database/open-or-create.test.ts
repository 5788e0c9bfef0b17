import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openOrCreate } from "./open-or-create.ts";

async function emptyFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "orchestra-whole-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** As PGlite: makes files, and takes those that are there. */
async function openDatabase(dataDir: string): Promise<string[]> {
  const found = existsSync(dataDir) ? await readdir(dataDir) : [];
  await mkdir(dataDir, { recursive: true });
  await writeFile(join(dataDir, "PG_VERSION"), "18");
  return found;
}

test("a database whose making was cut off or failed is made again, and a whole one is kept", async () => {
  const folder = await emptyFolder();
  const dataDir = join(folder, "database");
  const full = new Error("the disk is full");
  await expect(
    openOrCreate(folder, async () => {
      await openDatabase(dataDir);
      throw full;
    }),
  ).rejects.toBe(full);
  expect(await readdir(folder)).toEqual([]);

  // The process is killed in the meantime: its promise never settles.
  await new Promise<void>((resolve) => {
    void openOrCreate(folder, async () => {
      await openDatabase(dataDir);
      resolve();
      return new Promise(() => undefined);
    });
  });
  expect(await openOrCreate(folder, openDatabase)).toEqual([]);
  expect(await openOrCreate(folder, openDatabase)).toEqual(["PG_VERSION"]);
  expect(await readdir(folder)).toEqual(["database"]);

  // A complete database that cannot be opened may be repairable.
  await expect(openOrCreate(folder, () => Promise.reject(full))).rejects.toBe(full);
  expect(await readdir(dataDir)).toEqual(["PG_VERSION"]);
});
