import { lstat, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./run.ts";

/** What npm has installed in a folder. */
export interface TreeSize {
  readonly packages: number;
  /** In MB (10^6 bytes), rounded up. */
  readonly mb: number;
}

/**
 * Installs packages in a folder of their own with npm.
 *
 * @param specs - Tarballs, or names with a version.
 */
export async function installTree(
  folder: string,
  specs: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true }));
  const args = ["--no-audit", "--no-fund", "--prefer-offline", ...specs];
  await run("npm", ["install", ...args], { cwd: folder, env });
}

/** Every package of the tree, those that were asked for too, and the bytes of all their files. */
export async function treeSize(folder: string): Promise<TreeSize> {
  const lock = await readFile(join(folder, "node_modules/.package-lock.json"), "utf8");
  const packages = Object.keys((JSON.parse(lock) as { packages: object }).packages).length;
  const entries = await readdir(join(folder, "node_modules"), {
    recursive: true,
    withFileTypes: true,
  });
  let bytes = 0;
  for (const entry of entries) {
    // The size of a folder depends on the file system.
    if (entry.isFile()) bytes += (await lstat(join(entry.parentPath, entry.name))).size;
  }
  return { packages, mb: Math.ceil(bytes / 1e6) };
}
