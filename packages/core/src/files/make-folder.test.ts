import { existsSync } from "node:fs";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { describeFileError, makeFolder } from "./make-folder.ts";

async function emptyFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "make-folder-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

describe("makeFolder", () => {
  test("creates missing folders, and returns the first of them", async () => {
    const root = await emptyFolder();
    const folder = join(root, "a/b/c");
    expect(await makeFolder(folder)).toBe(join(root, "a"));
    expect(existsSync(folder)).toBe(true);
    expect(await makeFolder(folder)).toBeUndefined();
    expect(await makeFolder(join(folder, "d"))).toBe(join(folder, "d"));
  });

  test("may be called by many at once", async () => {
    const folder = join(await emptyFolder(), "a/b/c");
    await Promise.all(Array.from({ length: 8 }, () => makeFolder(folder)));
    expect(existsSync(folder)).toBe(true);
  });

  test.each([
    ["a file", "file", "EEXIST"],
    ["a path through a file", "file/a/b", "ENOTDIR"],
    ["a path through a link that leads nowhere", "link/a/b", "ENOENT"],
    ["a link that leads nowhere", "link", "ENOENT"],
    ["a name that is too long", "x".repeat(300), "ENAMETOOLONG"],
  ])("fails for %s", async (_, path, code) => {
    const root = await emptyFolder();
    await writeFile(join(root, "file"), "");
    await symlink(join(root, "nowhere"), join(root, "link"));
    await expect(makeFolder(join(root, path))).rejects.toMatchObject({ code });
  });

  test.runIf(process.platform === "linux")("fails where there can be no folder", async () => {
    const error: unknown = await makeFolder("/proc/orchestra/a").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "ENOENT" });
    expect(describeFileError(error)).toContain("the file system accepts no folder there");
  });
});

test("an error without a known code is described by its message", () => {
  expect(describeFileError(new Error("no idea"))).toBe("no idea");
  expect(describeFileError("no idea")).toBe("no idea");
});
