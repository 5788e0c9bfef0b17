import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./run.ts";

export const packages = ["core", "tools", "runtime", "cli", "sandbox"] as const;
export type PackageName = (typeof packages)[number];

/** The tarball of each package, by its name on the registry. */
export type Tarballs = Readonly<Record<`@orchestra/${PackageName}`, string>>;

/** Packs every package as `pnpm publish` would. The packages are built. */
export async function packAll(root: string, folder: string): Promise<Tarballs> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const pnpm = ["-y", "pnpm@12"];
  for (const name of packages) {
    const cwd = join(root, "packages", name);
    await run("npx", [...pnpm, "pack", "--pack-destination", folder], { cwd, env: process.env });
  }
  const files = await readdir(folder);
  const entries = packages.map((name) => {
    const file = files.find((candidate) => candidate.startsWith(`orchestra-${name}-`));
    if (file === undefined) throw new Error(`No tarball of ${name} in ${folder}`);
    return [`@orchestra/${name}`, join(folder, file)] as const;
  });
  return Object.fromEntries(entries) as Tarballs;
}
