import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = new URL("../../../../", import.meta.url);

/**
 * Builds `@orchestra/core`, so that the programs load what users install, and no older build.
 *
 * @param given - Options of tsdown, such as another folder.
 */
export async function buildCore(...given: readonly string[]): Promise<void> {
  const tsdown = fileURLToPath(new URL("node_modules/.bin/tsdown", root));
  const cwd = fileURLToPath(new URL("packages/core/", root));
  await promisify(execFile)(tsdown, given, { cwd });
}
