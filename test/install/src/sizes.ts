import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./run.ts";
import type { Toolchain } from "./toolchain.ts";
import type { Tarballs } from "./pack.ts";

/**
 * Limits of what users download and install, a tenth above what was measured on 2026-11-27. Raise one
 * knowingly: with the reason, in the commit that needs it.
 */
const packedKb: Readonly<Record<keyof Tarballs, number>> = {
  "@orchestra/core": 225,
  "@orchestra/tools": 55,
  "@orchestra/runtime": 74,
  "@orchestra/cli": 56,
  "@orchestra/sandbox": 76,
};

/** Each package alone, with all that npm installs for it. */
const trees: Readonly<Partial<Record<keyof Tarballs, { packages: number; mb: number }>>> = {
  "@orchestra/core": { packages: 73, mb: 120 },
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
    const tarball = tarballs[name as keyof Tarballs];
    const args = ["--no-audit", "--no-fund", "--prefer-offline", "--prefix", prefix, tarball];
    await run("npm", ["install", ...args], { cwd: folder, env });
    const lock = await readFile(join(prefix, "node_modules/.package-lock.json"), "utf8");
    const packages = Object.keys((JSON.parse(lock) as { packages: object }).packages).length;
    const { stdout } = await run("du", ["-s", "--apparent-size", "-B1000", "node_modules"], {
      cwd: prefix,
      env,
    });
    const mb = Math.ceil(Number.parseInt(stdout, 10) / 1000);
    process.stdout.write(`  ${name}: ${packages} packages, ${mb} MB installed\n`);
    if (packages > limit.packages)
      problems.push(`${name} installs ${packages} packages, at most ${limit.packages}`);
    if (mb > limit.mb) problems.push(`${name} installs ${mb} MB, at most ${limit.mb}`);
  }
  return problems;
}
