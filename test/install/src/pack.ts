import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./run.ts";

export const packages = ["core", "tools", "runtime", "server", "cli", "sandbox"] as const;
export type PackageName = (typeof packages)[number];

/** The tarball of each package, by its name on the registry. */
export type Tarballs = Readonly<Record<`@orchestra/${PackageName}`, string>>;

/** Builds every package; what is built already is left as it is. */
export async function buildAll(root: string): Promise<void> {
  await run("npx", ["-y", "pnpm@12", "build"], { cwd: root, env: process.env });
}

/** Packs every package as `pnpm publish` would. The packages are built. */
export async function packAll(root: string, folder: string): Promise<Tarballs> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const pack = ["--filter", "./packages/*", "pack", "--pack-destination", folder];
  await run("npx", ["-y", "pnpm@12", ...pack], { cwd: root, env: process.env });
  const files = await readdir(folder);
  const entries = packages.map((name) => {
    const file = files.find((candidate) => candidate.startsWith(`orchestra-${name}-`));
    if (file === undefined) throw new Error(`No tarball of ${name} in ${folder}`);
    return [`@orchestra/${name}`, join(folder, file)] as const;
  });
  return Object.fromEntries(entries) as Tarballs;
}

const manifests = new URL("../../../packages/", import.meta.url);

/** The tarballs of a package, and of those of ours that it needs: they are not on the registry. */
export async function withOwnDependencies(
  name: keyof Tarballs,
  tarballs: Tarballs,
): Promise<readonly string[]> {
  const names = new Set([name]);
  for (const needed of names) {
    const file = new URL(`${needed.replace("@orchestra/", "")}/package.json`, manifests);
    const { dependencies = {} } = JSON.parse(await readFile(file, "utf8")) as {
      readonly dependencies?: Readonly<Record<string, string>>;
    };
    for (const key of Object.keys(dependencies)) {
      if (key in tarballs) names.add(key as keyof Tarballs);
    }
  }
  return [...names].map((needed) => tarballs[needed]);
}
