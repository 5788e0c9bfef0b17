import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, watch } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../test-support/temporary-folder.ts";
import { isVersion, version } from "./__fixtures__/versions.ts";
import { listArtifacts, readArtifact, writeArtifact } from "./index.ts";

const rounds = 4;

function startWriter(folder: string, path: string, first: number): ChildProcess {
  const script = join(import.meta.dirname, "__fixtures__/write-in-a-loop.ts");
  return spawn(
    process.execPath,
    ["--conditions=@orchestra/source", script, folder, path, String(first)],
    { stdio: "inherit" },
  );
}

async function kill(child: ChildProcess): Promise<void> {
  const closed = once(child, "close");
  child.kill("SIGKILL");
  await closed;
}

/** Waits until so many things have happened in a folder: the making, growing and renaming of files. */
async function happenings(folder: string, count: number, signal: AbortSignal): Promise<void> {
  let seen = 0;
  for await (const _ of watch(folder, { signal })) {
    seen += 1;
    if (seen === count) return;
  }
}

describe("a writer that is killed", () => {
  test("leaves a complete version, at any moment", async ({ signal }) => {
    await using folder = await temporaryFolder({});
    const path = folder.path;
    await writeArtifact(path, "report.md", version(0));
    const hasMetWriting = async () => (await readdir(path)).length > 1;
    // Kills that have not met the writing prove nothing.
    for (let round = 1; round <= rounds || !(await hasMetWriting()); round += 1) {
      const count = 1 + Math.floor(Math.random() * 40);
      const happened = happenings(path, count, signal);
      const writer = startWriter(path, "report.md", round * 1_000_000);
      await happened;
      await kill(writer);

      const report = await readFile(join(path, "report.md"), "utf8");
      expect({ round, count, isWhole: isVersion(report) }).toMatchObject({ isWhole: true });
      expect(await listArtifacts(path)).toEqual([{ path: "report.md", bytes: report.length }]);
    }
    const again = await writeArtifact(path, "report.md", version(1));
    expect(await writeArtifact(path, "report.md", version(1))).toEqual(again);
    expect(await listArtifacts(path)).toEqual([{ path: "report.md", bytes: again.bytes }]);
  });
});

describe("writers at the same time", () => {
  test("in one process leave one whole version and nothing else", async () => {
    await using folder = await temporaryFolder({});
    const path = folder.path;
    const written = await Promise.all(
      Array.from({ length: 40 }, (_, number) =>
        writeArtifact(path, number % 2 === 0 ? "new/a.md" : `new/${number}.md`, version(number)),
      ),
    );
    const a = await readArtifact(path, "new/a.md");
    expect(isVersion(a?.text ?? "")).toBe(true);
    expect(written.map(({ sha256 }) => sha256)).toContain(a?.sha256);
    expect((await readdir(join(path, "new"))).length).toBe(21);
    expect(await listArtifacts(path)).toHaveLength(21);
  });

  test("with the same content all give the same result", async () => {
    await using folder = await temporaryFolder({});
    const results = await Promise.all(
      Array.from({ length: 20 }, () => writeArtifact(folder.path, "a/b.md", "one")),
    );
    expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1);
    expect(await readdir(join(folder.path, "a"))).toEqual(["b.md"]);
  });

  test("in two processes never show a reader a mixture", async ({ signal }) => {
    await using folder = await temporaryFolder({});
    const path = folder.path;
    const happened = happenings(path, 20, signal);
    const writers = [1, 2].map((number) => startWriter(path, "report.md", number * 1_000_000));
    await happened;
    const seen = new Set<string>();
    try {
      while (seen.size < 50) {
        const text = (await readArtifact(path, "report.md"))?.text ?? "";
        expect(isVersion(text)).toBe(true);
        seen.add(text.slice(0, 32));
      }
    } finally {
      await Promise.all(writers.map(kill));
    }
    const authors = new Set([...seen].map((line) => /version (\d)/.exec(line)?.[1]));
    expect(authors).toEqual(new Set(["1", "2"]));
  });
});
