import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = new URL("../../../../", import.meta.url);

/** Builds `@orchestra/core`, so that the programs load what users install, and no older build. */
export async function buildCore(): Promise<void> {
  const tsdown = fileURLToPath(new URL("node_modules/.bin/tsdown", root));
  await promisify(execFile)(tsdown, [], { cwd: fileURLToPath(new URL("packages/core/", root)) });
}
