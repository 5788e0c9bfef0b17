import { stat } from "node:fs/promises";
import type { Fixture } from "@copilotkit/aimock";

/**
 * Reads aimock's fixtures from a file or a folder.
 *
 * @throws if the path does not exist or contains none.
 */
export async function loadFixtures(path: string): Promise<Fixture[]> {
  const { loadFixtureFile, loadFixturesFromDir } = await import("@copilotkit/aimock");
  const found = await stat(path);
  const fixtures = found.isDirectory() ? loadFixturesFromDir(path) : loadFixtureFile(path);
  if (fixtures.length === 0) throw new Error(`No fixtures in ${path}`);
  return fixtures;
}
