import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import type { TestProject } from "vitest/node";
import { startPostgres } from "@orchestra/test-postgres";

const caches = join(import.meta.dirname, "../../node_modules/.cache");

/** Files whose tests need a database. */
const needsDatabase =
  /\/(?:packages\/(?:runtime|server|cli)\/src|examples\/src\/(?:documents|service))\//;

/** One PostgreSQL and one image of a PGlite for all test files, if one of the selected files needs them. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (!project.vitest.state.getPaths().some((path) => needsDatabase.test(path))) return undefined;
  const folder = await mkdtemp(join(tmpdir(), "orchestra-test-"));
  const [server, image] = await Promise.all([serverFor(folder), pgliteImage(folder)]);
  project.provide("databaseUrl", server.url);
  project.provide("pgliteImage", image);
  return async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
}

/** The server of `TEST_DATABASE_URL`, or else our own. */
async function serverFor(folder: string) {
  const url = process.env["TEST_DATABASE_URL"];
  if (url) return { url, stop: async () => undefined };
  return startPostgres({ folder: join(folder, "postgres") });
}

/** To make one takes seconds: it is kept for the next run, with this version of PGlite. */
async function pgliteImage(folder: string): Promise<string> {
  const path = join(folder, "pglite.tar");
  const version = createHash("sha256").update(import.meta.resolve("@electric-sql/pglite"));
  const kept = join(caches, `pglite-${version.digest("hex").slice(0, 16)}.tar`);
  if (!existsSync(kept)) {
    const pglite = await PGlite.create();
    const image = await pglite.dumpDataDir("none");
    await pglite.close();
    await mkdir(caches, { recursive: true });
    // Completely or not at all, because several runs may begin at once.
    const part = `${kept}.${process.pid}`;
    await writeFile(part, Buffer.from(await image.arrayBuffer()));
    await rename(part, kept);
  }
  await symlink(kept, path);
  return path;
}
