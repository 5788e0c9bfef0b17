import { readFile, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import { messageOf } from "@orchestra/core/extend";
import { defineCheck, note, ok, type Result } from "../check.ts";
import { packageNames } from "../../package-names.ts";
import type { DoctorContext } from "../doctor-context.ts";
import { NoResultError } from "../no-result-error.ts";

const node = defineCheck({
  id: "install/node",
  title: "Version of Node.js",
  needsNetwork: false,
  problems: {
    "no-typescript": {
      severity: "error",
      remedy:
        "Use Node.js 22.18 or newer, set NODE_OPTIONS=--experimental-strip-types, or write the config as orchestra.config.mjs.",
    },
  },
  run: async ({ configFile: find }) => {
    const { node: version } = process.versions;
    const file = await find();
    if (file?.endsWith(".ts") && !process.features.typescript) {
      const message = `Node.js ${version} does not run TypeScript, and the config is ${file}.`;
      return [{ problem: "no-typescript", message }];
    }
    return ok(`Node.js ${version}.`);
  },
});

/** Libraries whose values are passed between packages. Two copies of one do not recognize each other's values. */
const shared = ["@langchain/core", "zod"];
const orchestraPackages = packageNames.map((name) => `@orchestra/${name}`);

const dependencies = defineCheck({
  id: "install/dependencies",
  title: "Versions of the dependencies",
  needsNetwork: false,
  problems: {
    "two-copies": {
      severity: "warning",
      remedy:
        'Let all packages use one version: update them together, or pin it with "overrides" in package.json, then delete node_modules and install again.',
    },
    "versions-differ": {
      severity: "warning",
      remedy: "Update all @orchestra packages to one version.",
    },
  },
  run: async ({ folder }) => {
    const places = await placesOf(folder);
    const results: Result<"two-copies" | "versions-differ">[] = [];
    for (const name of shared) {
      const copies = await copiesOf(name, places);
      if (copies.length < 2) continue;
      const details = copies.map(({ version, path }) => `${version} in ${path}`);
      const message = `There are ${copies.length} copies of ${name}: ${details.join(", ")}.`;
      results.push({ problem: "two-copies", message });
    }
    const own = (await Promise.all(orchestraPackages.map((name) => copiesOf(name, places)))).flat();
    const versions = new Set(own.map(({ version }) => version));
    if (versions.size > 1) {
      const list = own.map(({ name, version }) => `${name} ${version}`).join(", ");
      results.push({ problem: "versions-differ", message: `The versions differ: ${list}.` });
    }
    if (results.length > 0) return results;
    const all = (await Promise.all(shared.map((name) => copiesOf(name, places)))).flat();
    if (all.length + own.length === 0) return note("No package of Orchestra is installed here.");
    const list = [...own, ...all].map(({ name, version }) => `${name} ${version}`);
    return ok(`One copy of each: ${[...new Set(list)].join(", ")}.`);
  },
});

interface PackageJson {
  readonly version?: unknown;
  readonly dependencies?: object;
  readonly devDependencies?: object;
}

interface Package {
  readonly name: string;
  readonly version: string;
  readonly path: string;
}

/** Folders that import the shared libraries: the project, and its dependencies of Orchestra and LangChain. */
async function placesOf(folder: string): Promise<readonly string[]> {
  const project = await readPackage(folder);
  const { dependencies: direct, devDependencies: dev } = project ?? {};
  const users = Object.keys({ ...direct, ...dev }).filter((name) =>
    /^(@orchestra\/|@langchain\/|langchain$)/.test(name),
  );
  const packages = await Promise.all(users.map((name) => findPackage(name, folder)));
  return [folder, ...packages.flatMap((found) => found?.path ?? [])];
}

/** The copies of a package that Node.js finds from these folders. Two copies can have the same version. */
async function copiesOf(name: string, places: readonly string[]): Promise<readonly Package[]> {
  const found = await Promise.all(places.map((place) => findPackage(name, place)));
  const copies = new Map(found.flatMap((copy) => (copy ? [[copy.path, copy] as const] : [])));
  return [...copies.values()];
}

/** Finds a package as Node.js does: in `node_modules` of the folder and of its parents. */
async function findPackage(name: string, from: string): Promise<Package | undefined> {
  for (let at = from; ; at = dirname(at)) {
    const path = join(at, "node_modules", name);
    const found = await readPackage(path);
    if (found) return { name, version: String(found.version), path: await realpath(path) };
    if (at === dirname(at)) return undefined;
  }
}

async function readPackage(folder: string): Promise<PackageJson | undefined> {
  try {
    const parsed: unknown = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    return (parsed as PackageJson | null) ?? undefined;
  } catch {
    return undefined;
  }
}

const configFile = defineCheck({
  id: "install/config",
  title: "The config file",
  needsNetwork: false,
  problems: {
    invalid: {
      severity: "error",
      remedy:
        "Correct orchestra.config.ts. orchestra init writes one that works into an empty folder.",
    },
  },
  run: async ({ config, agents }: DoctorContext) => {
    const found = await config();
    if (found.file === undefined) {
      return note("There is no orchestra.config.ts. Only your own pipelines and agents need one.");
    }
    if ("isLate" in found) throw new NoResultError();
    if ("error" in found) {
      return invalid(found.error);
    }
    const problem = await agents().then(() => undefined, invalid);
    if (problem) return problem;
    const names = found.config.pipelines.map(({ name }) => name);
    if (names.length === 0) return ok("The config has no pipelines.");
    const noun = names.length === 1 ? "pipeline" : "pipelines";
    return ok(`The config has the ${noun} ${names.join(", ")}.`);
  },
});

function invalid(error: unknown): readonly Result<"invalid">[] {
  return [{ problem: "invalid", message: messageOf(error) }];
}

export const installChecks = [node, dependencies, configFile];
