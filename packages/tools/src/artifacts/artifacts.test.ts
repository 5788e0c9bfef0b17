import { createHash } from "node:crypto";
import { once } from "node:events";
import { spawn } from "node:child_process";
import {
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../test-support/temporary-folder.ts";
import { ArtifactError, listArtifacts, readArtifact, writeArtifact } from "./index.ts";

const abandoned = ".artifact-00000000-0000-4000-8000-000000000000.tmp";

describe("writing", () => {
  test("creates the folders, and returns the path, the size and the hash", async () => {
    await using folder = await temporaryFolder({});
    const out = join(folder.path, "deep/out");
    const content = "# Lämp\n";
    const sha256 = createHash("sha256").update(content).digest("hex");
    expect(await writeArtifact(out, "./reports/lamp.md", content)).toEqual({
      path: "reports/lamp.md",
      bytes: 8,
      sha256,
    });
    expect(await readFile(join(out, "reports/lamp.md"), "utf8")).toBe(content);
    expect(await readdir(join(out, "reports"))).toEqual(["lamp.md"]);
    expect(await readArtifact(out, "reports/lamp.md")).toEqual({
      path: "reports/lamp.md",
      bytes: 8,
      sha256,
      text: content,
    });
  });

  test("takes bytes, and nothing at all", async () => {
    await using folder = await temporaryFolder({});
    const bytes = Uint8Array.of(0, 255, 1);
    expect(await writeArtifact(folder.path, "a.bin", bytes)).toMatchObject({ bytes: 3 });
    expect(new Uint8Array(await readFile(join(folder.path, "a.bin")))).toEqual(bytes);
    expect(await writeArtifact(folder.path, "empty", "")).toMatchObject({ bytes: 0 });
  });

  test("the same again changes nothing and gives the same result", async () => {
    await using folder = await temporaryFolder({});
    const file = join(folder.path, "a.md");
    const first = await writeArtifact(folder.path, "a.md", "one");
    const before = await stat(file);
    expect(await writeArtifact(folder.path, "a.md", "one")).toEqual(first);
    const after = await stat(file);
    expect([after.ino, after.mtimeMs, after.ctimeMs]).toEqual([
      before.ino,
      before.mtimeMs,
      before.ctimeMs,
    ]);
  });

  test("something else of the same size replaces it, and keeps its permissions", async () => {
    await using folder = await temporaryFolder({ "a.md": "one" });
    await chmod(join(folder.path, "a.md"), 0o600);
    await writeArtifact(folder.path, "a.md", "two");
    expect(await readFile(join(folder.path, "a.md"), "utf8")).toBe("two");
    expect((await stat(join(folder.path, "a.md"))).mode & 0o777).toBe(0o600);
  });

  test("stops at the size that is allowed", async () => {
    await using folder = await temporaryFolder({});
    await writeArtifact(folder.path, "a.md", "ää", { maxBytes: 4 });
    await expect(writeArtifact(folder.path, "a.md", "äää", { maxBytes: 4 })).rejects.toThrow(
      "The content is 6 bytes long: expected at most 4 (maxBytes).",
    );
    const mebibyte = 1024 * 1024;
    await writeArtifact(folder.path, "b.md", "b".repeat(mebibyte));
    await expect(
      writeArtifact(folder.path, "b.md", "b".repeat(mebibyte + 1)),
    ).rejects.toBeInstanceOf(ArtifactError);
    expect(await readFile(join(folder.path, "a.md"), "utf8")).toBe("ää");
  });

  test("that is aborted keeps the earlier file, and throws the reason", async () => {
    await using folder = await temporaryFolder({ "a.md": "one" });
    const reason = new Error("enough");
    const controller = new AbortController();
    const writing = writeArtifact(folder.path, "a.md", "x".repeat(1_000_000), controller);
    controller.abort(reason);
    await expect(writing).rejects.toBe(reason);
    await expect(writeArtifact(folder.path, "b.md", "b", controller)).rejects.toBe(reason);
    expect(await readdir(folder.path)).toEqual(["a.md"]);
    expect(await readFile(join(folder.path, "a.md"), "utf8")).toBe("one");
  });

  test.each([
    ["notes", "notes is a folder"],
    ["a.md/b.md", "a.md is a file, not a folder"],
    ["../a.md", 'with ".."'],
  ])("to %s is refused", async (path, problem) => {
    await using folder = await temporaryFolder({ "out/a.md": "one", "out/notes/b.md": "two" });
    const write = () => writeArtifact(join(folder.path, "out"), path, "x");
    await expect(write()).rejects.toBeInstanceOf(ArtifactError);
    await expect(write()).rejects.toThrow(problem);
    expect(await readdir(folder.path)).toEqual(["out"]);
  });

  test.skipIf(process.platform === "win32")(
    "that fails in the middle throws and keeps the earlier file",
    async () => {
      await using folder = await temporaryFolder({ "a.md": "one" });
      const script = join(import.meta.dirname, "__fixtures__/write-beyond-limit.ts");
      // A limit on the size of files cuts a write short, as a full disk does.
      const child = spawn(
        "sh",
        [
          "-c",
          'ulimit -f 8; exec "$0" "$@"',
          process.execPath,
          "--conditions=@orchestra/source",
          script,
          folder.path,
          "a.md",
        ],
        { stdio: ["ignore", "pipe", "inherit"] },
      );
      const [[said]] = await Promise.all([once(child.stdout, "data"), once(child, "close")]);
      expect(String(said)).toBe("EFBIG");
      expect(await readFile(join(folder.path, "a.md"), "utf8")).toBe("one");
      expect(await readdir(folder.path)).toEqual(["a.md"]);
    },
  );
});

describe("symbolic links", () => {
  async function folderWithLinks() {
    const folder = await temporaryFolder({
      "outside/secret.md": "secret",
      "out/inside/a.md": "one",
      "out-too/b.md": "two",
    });
    const out = join(folder.path, "out");
    await symlink("../outside", join(out, "away"));
    await symlink("../outside/secret.md", join(out, "secret.md"));
    await symlink("../outside/new.md", join(out, "dangling.md"));
    await symlink("../outside/new", join(out, "dangling"));
    await symlink("../out-too", join(out, "sibling"));
    await symlink("loop", join(out, "loop"));
    await symlink("inside", join(out, "alias"));
    await symlink("inside/a.md", join(out, "alias.md"));
    return { ...folder, out };
  }

  test.each([
    ["away/secret.md", "away is a symbolic link"],
    ["away/new.md", "away is a symbolic link"],
    ["alias/../away/new.md", 'with ".."'],
    ["secret.md", "secret.md is a symbolic link"],
    ["dangling.md", "dangling.md is a symbolic link"],
    ["dangling/a.md", "dangling is a symbolic link"],
    ["sibling/b.md", "sibling is a symbolic link"],
    ["loop/a.md", "loop is a symbolic link"],
    ["alias.md", "alias.md is a symbolic link"],
    ["alias.md/a.md", "alias.md is a symbolic link"],
  ])("%s can be neither written nor read", async (path, problem) => {
    await using folder = await folderWithLinks();
    for (const attempt of [
      () => writeArtifact(folder.out, path, "x"),
      () => readArtifact(folder.out, path),
    ]) {
      await expect(attempt()).rejects.toBeInstanceOf(ArtifactError);
      await expect(attempt()).rejects.toThrow(problem);
    }
    expect(await readdir(join(folder.path, "outside"))).toEqual(["secret.md"]);
    expect(await readFile(join(folder.path, "outside/secret.md"), "utf8")).toBe("secret");
    expect(await readFile(join(folder.path, "out-too/b.md"), "utf8")).toBe("two");
  });

  test("to a folder inside are followed", async () => {
    await using folder = await folderWithLinks();
    await writeArtifact(folder.out, "alias/b.md", "two");
    expect(await readArtifact(folder.out, "alias/b.md")).toMatchObject({ text: "two" });
    expect(await readFile(join(folder.out, "inside/b.md"), "utf8")).toBe("two");
  });

  test("are not listed; the folder itself may be one", async () => {
    await using folder = await folderWithLinks();
    await symlink("out", join(folder.path, "current"));
    const current = join(folder.path, "current");
    await writeArtifact(current, "b.md", "two");
    expect(await listArtifacts(current)).toEqual([
      { path: "b.md", bytes: 3 },
      { path: "inside/a.md", bytes: 3 },
    ]);
    expect((await lstat(current)).isSymbolicLink()).toBe(true);
  });
});

describe("listing", () => {
  test("returns paths in order, without hidden files and those that could not be written", async () => {
    await using folder = await temporaryFolder({
      "b.md": "two",
      "a/c.md": "three",
      ".env": "secret",
      ".git/config": "",
      "a/.DS_Store": "",
      "ends in a dot.": "",
      [abandoned]: "half",
    });
    await mkdir(join(folder.path, "empty"));
    expect(await listArtifacts(folder.path)).toEqual([
      { path: "a/c.md", bytes: 5 },
      { path: "b.md", bytes: 3 },
    ]);
  });

  test("of no folder is empty", async () => {
    await using folder = await temporaryFolder({});
    expect(await listArtifacts(join(folder.path, "none"))).toEqual([]);
  });
});

describe("reading", () => {
  test("returns undefined for a file that does not exist", async () => {
    await using folder = await temporaryFolder({ "a.md": "one" });
    expect(await readArtifact(folder.path, "b.md")).toBeUndefined();
    expect(await readArtifact(folder.path, "b/c.md")).toBeUndefined();
    expect(await readArtifact(join(folder.path, "none"), "a.md")).toBeUndefined();
    expect(await readdir(folder.path)).toEqual(["a.md"]);
  });

  test("refuses a file that is not a text, a file that is too large, and a folder", async () => {
    await using folder = await temporaryFolder({ "a.bin": Uint8Array.of(255), "b/c.md": "three" });
    await expect(readArtifact(folder.path, "a.bin")).rejects.toThrow("is not a text");
    await expect(readArtifact(folder.path, "b/c.md", { maxBytes: 4 })).rejects.toThrow(
      "b/c.md is 5 bytes long; files up to 4 can be read (maxBytes).",
    );
    await expect(readArtifact(folder.path, "b")).rejects.toThrow("b is a folder");
  });
});

describe("temporary files that were left", () => {
  test("are deleted an hour later, by the next write into their folder; nothing else is deleted", async () => {
    await using folder = await temporaryFolder({ [abandoned]: "half", ".other.tmp": "kept" });
    const left = join(folder.path, abandoned);
    await writeFile(join(folder.path, "old.md"), "old");
    const agesAgo = new Date(0);
    for (const name of [".other.tmp", "old.md"]) {
      await utimes(join(folder.path, name), agesAgo, agesAgo);
    }

    await writeArtifact(folder.path, "a.md", "one");
    expect(await readdir(folder.path)).toContain(abandoned);

    await utimes(left, agesAgo, agesAgo);
    await writeArtifact(folder.path, "a.md", "two");
    expect((await readdir(folder.path)).toSorted()).toEqual([".other.tmp", "a.md", "old.md"]);
  });
});
