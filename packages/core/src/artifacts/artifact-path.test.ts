import { describe, expect, test } from "vitest";
import { ArtifactError } from "./artifact-error.ts";
import { parseArtifactPath } from "./artifact-path.ts";

describe("a path", () => {
  test.each([
    ["report.md", ["report.md"]],
    ["./charts/sales 2024.csv", ["charts", "sales 2024.csv"]],
    ["a/./b.txt", ["a", "b.txt"]],
    ["Größe/数据.json", ["Größe", "数据.json"]],
    ["Gro\u0308ße.md", ["Größe.md"]],
    ["v1..2.md", ["v1..2.md"]],
    ["console.log", ["console.log"]],
  ])("%j is taken", (path, names) => {
    expect(parseArtifactPath(path)).toEqual(names);
  });

  test.each([
    ["", "names no file"],
    [".", "names no file"],
    ["notes/", "names no file"],
    ["/etc/passwd", "absolute"],
    ["\\\\server\\share\\a.md", "absolute"],
    ["C:\\Windows\\a.md", "absolute"],
    ["c:/a.md", "absolute"],
    ["C:a.md", "characters"],
    ["..", 'with ".."'],
    ["../a.md", 'with ".."'],
    ["a/../../b.md", 'with ".."'],
    ["a/../b.md", 'with ".."'],
    ["..\\a.md", "hidden"],
    ["a\\..\\..\\b.md", "characters"],
    ["a//b.md", "two slashes"],
    [".env", "hidden"],
    [".git/hooks/pre-commit", "hidden"],
    ["a/.artifact-00000000-0000-4000-8000-000000000000.tmp", "hidden"],
    ["a.md\0.txt", "characters"],
    ["a\nb.md", "characters"],
    ["a.md:stream", "characters"],
    ["invoice\u202efdp.exe", "characters"],
    ["\ud800.md", "characters"],
    ["a./b.md", "dot or a space"],
    ["a.md ", "dot or a space"],
    ["NUL", "device"],
    ["com1.txt", "device"],
    ["a".repeat(141), "longer than 140 bytes"],
    ["ä".repeat(71), "longer than 140 bytes"],
    [`${"a/".repeat(250)}b`, "501 characters long"],
  ])("%j is refused", (path, problem) => {
    const parse = () => parseArtifactPath(path);
    expect(parse).toThrow(ArtifactError);
    expect(parse).toThrow(problem);
  });

  test("that is refused is named, and not at any length", () => {
    expect(() => parseArtifactPath("../a.md")).toThrow(
      '"../a.md" leads out of its folder with ".."; leave that out.',
    );
    const error = (() => {
      try {
        return parseArtifactPath("x".repeat(100_000));
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(ArtifactError.isInstance(error) && error.message.length).toBeLessThan(200);
    expect(error).toMatchObject({ name: "ArtifactError", code: "artifact_error" });
  });
});

test.each([
  "-rf",
  "--force.md",
  "CONIN$",
  "conout$.txt",
  "a\u200bb.md",
  "\ufeffreport.md",
  "LPT\u00b9",
])("%j is not a name", (name) => {
  expect(() => parseArtifactPath(name)).toThrow("cannot be used");
});
