import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";

const docs = join(import.meta.dirname, "../../../docs");
const few = ["reliability.md", "decisions"];

/** Lets the programs of a test file find few pages in `./docs`: to read all takes longer than the rest. */
export function useFewDocs(): void {
  const root = process.cwd();
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "orchestra-examples-"));
    await mkdir(join(folder, "docs"));
    for (const name of few) {
      await cp(join(docs, name), join(folder, "docs", name), { recursive: true });
    }
    process.chdir(folder);
  });
  afterAll(async () => {
    process.chdir(root);
    await rm(folder, { recursive: true });
  });
}
