import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Toolchain } from "./toolchain.ts";
import { withOwnDependencies, type Tarballs } from "./pack.ts";
import { installTree, treeSize, type TreeSize } from "./tree.ts";

/**
 * Limits of what users download and install, a tenth above what was measured on 2026-11-29. Raise one
 * knowingly: with the reason, in the commit that needs it.
 */
const packedKb: Readonly<Record<keyof Tarballs, number>> = {
  "@orchestra/core": 280,
  "@orchestra/tools": 64,
  "@orchestra/runtime": 125,
  "@orchestra/server": 63,
  "@orchestra/cli": 86,
  "@orchestra/sandbox": 84,
};

/** Each package with those of ours that it needs, and all that npm installs for them. */
const trees: Readonly<Record<keyof Tarballs, TreeSize>> = {
  "@orchestra/core": { packages: 73, mb: 117 },
  "@orchestra/tools": { packages: 193, mb: 140 },
  "@orchestra/runtime": { packages: 105, mb: 158 },
  "@orchestra/server": { packages: 127, mb: 180 },
  "@orchestra/cli": { packages: 251, mb: 205 },
  "@orchestra/sandbox": { packages: 3, mb: 12 },
};

/** Tarballs above their limit. */
export async function checkPacked(tarballs: Tarballs): Promise<readonly string[]> {
  const found = await Promise.all(
    Object.entries(tarballs).map(async ([name, path]) => {
      const kb = Math.ceil((await stat(path)).size / 1000);
      const limit = packedKb[name as keyof Tarballs];
      process.stdout.write(`  ${name}: ${kb} kB packed, at most ${limit}\n`);
      return kb > limit ? [`${name} has ${kb} kB, at most ${limit}`] : [];
    }),
  );
  return found.flat();
}

/** Packages whose installed tree is above its limit. */
export async function checkTrees(
  folder: string,
  tarballs: Tarballs,
  { env }: Toolchain,
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const [name, limit] of Object.entries(trees)) {
    const prefix = join(folder, name.replace("/", "-"));
    await installTree(prefix, await withOwnDependencies(name as keyof Tarballs, tarballs), env);
    const { packages, mb } = await treeSize(prefix);
    process.stdout.write(`  ${name}: ${packages} packages, ${mb} MB installed\n`);
    if (packages > limit.packages)
      problems.push(`${name} installs ${packages} packages, at most ${limit.packages}`);
    if (mb > limit.mb) problems.push(`${name} installs ${mb} MB, at most ${limit.mb}`);
  }
  return problems;
}
