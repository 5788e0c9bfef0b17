import { access, readdir } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import packageJson from "../../package.json" with { type: "json" };
import { UsageError } from "../errors/usage-error.ts";
import { packageNames } from "../package-names.ts";

type PackageName = (typeof packageNames)[number];

/** Where a project gets the packages from. */
export type PackageSource =
  | { readonly kind: "registry"; readonly range: string }
  /** Packed packages: the path of each tarball, relative to the project. */
  | { readonly kind: "tarballs"; readonly paths: Readonly<Record<PackageName, string>> }
  /** A clone of the repository: its path, relative to the project. */
  | { readonly kind: "clone"; readonly path: string };

/** The range of versions that fit the version of this command. */
export const ownRange = `^${packageJson.version}`;

/**
 * Finds the packages for a project: in the folder that the user named, else in the clone around the project, else
 * on the registry.
 *
 * @param from - Absolute path of a clone or of a folder with tarballs.
 * @throws {UsageError} if that folder does not have all packages
 */
export async function findPackageSource(
  project: string,
  from: string | undefined,
): Promise<PackageSource> {
  if (from !== undefined) return namedSource(project, from);
  const clone = await findCloneAbove(project);
  return clone === undefined ? { kind: "registry", range: ownRange } : cloneSource(project, clone);
}

async function namedSource(project: string, from: string): Promise<PackageSource> {
  if (await isClone(from)) return cloneSource(project, from);
  const files = await readdir(from).catch((error: NodeJS.ErrnoException) => {
    const reason =
      error.code === "ENOENT" ? "it does not exist" : `it cannot be read: ${error.code}`;
    throw new UsageError(`Not a folder of packages (--from ${from}): ${reason}. ${howToPack}`);
  });
  const found = packageNames.map((name) => ({ name, file: newestTarball(files, name) }));
  const missing = found.filter(({ file }) => file === undefined);
  if (missing.length > 0) {
    const names = missing.map(({ name }) => `orchestra-${name}-*.tgz`).join(", ");
    throw new UsageError(
      `Not a folder of packages (--from ${from}): it has no ${names}. ${howToPack}`,
    );
  }
  const paths = found.map(({ name, file = "" }) => [name, pathFrom(project, join(from, file))]);
  return {
    kind: "tarballs",
    paths: Object.fromEntries(paths) as Record<PackageName, string>,
  };
}

export const howToPack =
  "Expected a clone of the repository, or the tarballs that `npx -y pnpm@12 pack:all` writes into its folder packed/.";

function newestTarball(files: readonly string[], name: PackageName): string | undefined {
  return files
    .filter((file) => file.startsWith(`orchestra-${name}-`) && file.endsWith(".tgz"))
    .toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }))
    .at(-1);
}

function cloneSource(project: string, clone: string): PackageSource {
  return { kind: "clone", path: pathFrom(project, clone) };
}

async function findCloneAbove(folder: string): Promise<string | undefined> {
  const parent = dirname(folder);
  if (await isClone(parent)) return parent;
  return parent === folder ? undefined : findCloneAbove(parent);
}

async function isClone(folder: string): Promise<boolean> {
  const paths = ["pnpm-workspace.yaml", "packages/cli/package.json"];
  const found = await Promise.all(
    paths.map((path) =>
      access(join(folder, path)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.every(Boolean);
}

/** The relative path with slashes, also on Windows, for package.json. */
function pathFrom(project: string, path: string): string {
  return relative(resolve(project), resolve(path)).replaceAll("\\", "/");
}
