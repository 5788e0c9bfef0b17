import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

const file = join(import.meta.dirname, "__fixtures__/take-folder.ts");

test("a folder that killed processes left is one process's at a time, however many want it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "orchestra-lock-"));
  try {
    const takers = Array.from({ length: 4 }, async () => {
      const child = fork(file, [folder, "200"], { execArgv: ["--conditions=@orchestra/source"] });
      const [taken] = await once(child, "message");
      return taken as unknown;
    });
    const some = expect.any(Number) as unknown;
    for (const taken of await Promise.all(takers))
      expect(taken).toEqual({ takes: some, clashes: 0 });
  } finally {
    await rm(folder, { recursive: true });
  }
});
