import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import type { TestProject } from "vitest/node";
import { startPostgres } from "@orchestra/test-postgres";

/** One PostgreSQL and one image of a PGlite for all test files. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "orchestra-test-"));
  const [server, image] = await Promise.all([serverFor(folder), pgliteImage(folder)]);
  project.provide("databaseUrl", server.url);
  project.provide("pgliteImage", image);
  return async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
}

/** The server of `TEST_DATABASE_URL`, else one that is ours. */
async function serverFor(folder: string) {
  const url = process.env["TEST_DATABASE_URL"];
  if (url) return { url, stop: async () => undefined };
  return startPostgres({ folder: join(folder, "postgres") });
}

async function pgliteImage(folder: string): Promise<string> {
  const path = join(folder, "pglite.tar");
  const pglite = await PGlite.create();
  const image = await pglite.dumpDataDir("none");
  await writeFile(path, Buffer.from(await image.arrayBuffer()));
  await pglite.close();
  return path;
}
