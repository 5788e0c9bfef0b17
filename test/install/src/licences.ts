import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

/** Licences that what is installed with the packages may have: all permit use in closed programs. */
const allowed: ReadonlySet<string> = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "CC0-1.0",
  "ISC",
  "MIT",
  "MIT-0",
  "PostgreSQL",
  "Python-2.0",
  "Unlicense",
]);

/** Whether a licence is allowed: of alternatives one, of several that apply together all. */
export function isAllowed(licence: string): boolean {
  const terms = licence.replaceAll(/[()]/g, "").split(" OR ");
  return terms.some((term) => term.split(" AND ").every((name) => allowed.has(name.trim())));
}

interface Package {
  readonly name: string;
  readonly versions: readonly string[];
}

/** The licences of the packages' dependencies, as pnpm reads them. */
async function licences(): Promise<ReadonlyMap<string, readonly Package[]>> {
  const filter = "--filter=./packages/*";
  const args = ["-y", "pnpm@12", "licenses", "list", "--prod", "--json", filter];
  const cwd = join(import.meta.dirname, "../../..");
  const { stdout } = await promisify(execFile)("npx", args, { cwd, maxBuffer: 2 ** 26 });
  return new Map(Object.entries(JSON.parse(stdout) as Record<string, readonly Package[]>));
}

if (import.meta.main) {
  const found = await licences();
  for (const [licence, packages] of found) {
    const names = packages.map(({ name, versions }) => `${name} ${versions.join(", ")}`);
    process.stdout.write(`${licence} (${names.length})\n  ${names.join("\n  ")}\n`);
  }
  const others = [...found.keys()].filter((licence) => !isAllowed(licence));
  if (found.size === 0 || others.length > 0) {
    process.stderr.write(
      `Licences that are not allowed: ${others.join(", ") || "none were read"}\n`,
    );
    process.exitCode = 1;
  }
}
