import { execFile } from "node:child_process";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../test-support/temporary-folder.ts";
import { tinyPdf } from "./__fixtures__/tiny-pdf.ts";
import { DocumentsError, openDocuments } from "./index.ts";

const paths = (collection: { documents: readonly { path: string }[] }) =>
  collection.documents.map((document) => document.path);

const encoded = (encoding: "utf16le" | "utf8", text: string) =>
  Buffer.from(`\ufeff${text}`, encoding);

describe("what a folder holds", () => {
  test("is its Markdown, text, HTML and PDF files and bare READMEs, in a fixed order", async () => {
    await using folder = await temporaryFolder({
      "b.md": "# Bee\n\nText.",
      "a/page.html": "<title>A page</title><p>Text.",
      LICENSE: "MIT License",
      "notes.txt": "First line\nSecond line",
      "paper.pdf": tinyPdf([["Paper title"], ["Second page"]]),
      "code.ts": "export {}",
      Makefile: "all:",
    });
    const collection = await openDocuments(folder.path);
    expect(collection.documents).toEqual([
      { path: "LICENSE", kind: "text", title: "MIT License" },
      { path: "a/page.html", kind: "html", title: "A page" },
      { path: "b.md", kind: "markdown", title: "Bee" },
      { path: "notes.txt", kind: "text", title: "First line" },
      { path: "paper.pdf", kind: "pdf", title: "Paper title", pages: 2 },
    ]);
    expect(collection.skipped).toEqual([]);
  });

  test("leaves out hidden entries, node_modules below the root and ignored files", async () => {
    await using folder = await temporaryFolder({
      "keep.md": "kept",
      ".hidden/secret.md": "hidden",
      "node_modules/zod/README.md": "dependency",
      "CHANGELOG.md": "ignored by name",
      "deep/CHANGELOG.md": "ignored by name",
      "old/a/b.md": "ignored by path",
    });
    const collection = await openDocuments(folder.path, { ignore: ["CHANGELOG.md", "old/**"] });
    expect(paths(collection)).toEqual(["keep.md"]);
  });

  test("may be a node_modules folder whose packages are links", async () => {
    await using folder = await temporaryFolder({
      "node_modules/.pnpm/zod@4/node_modules/zod/README.md": "# Zod",
      "node_modules/.pnpm/zod@4/node_modules/zod/node_modules/deep/README.md": "# Deep",
    });
    const root = join(folder.path, "node_modules");
    await symlink(join(root, ".pnpm/zod@4/node_modules/zod"), join(root, "zod"));
    expect(paths(await openDocuments(root))).toEqual(["zod/README.md"]);
  });

  test("is read once however many links lead to it, under its own path, and cycles end", async () => {
    await using folder = await temporaryFolder({ "docs/guide.md": "The guide." });
    await symlink(join(folder.path, "docs"), join(folder.path, "a-link"));
    await symlink(folder.path, join(folder.path, "docs", "cycle"));
    await symlink(join(folder.path, "docs/guide.md"), join(folder.path, "copy.md"));
    expect(paths(await openDocuments(folder.path))).toEqual(["docs/guide.md"]);
  });

  test("may be a single file", async () => {
    await using folder = await temporaryFolder({ "one.md": "# One", "two.md": "# Two" });
    const collection = await openDocuments(join(folder.path, "one.md"));
    expect(collection.root).toBe(folder.path);
    expect(paths(collection)).toEqual(["one.md"]);
  });
});

describe("a file that cannot be used", () => {
  test("is skipped with its reason and spoils nothing", async () => {
    await using folder = await temporaryFolder({
      "good.md": "fine",
      "binary.txt": new Uint8Array([80, 75, 0, 4]),
      "broken.pdf": "not a pdf",
      "empty.md": "",
      "huge.txt": "x".repeat(2_000),
      "latin1.txt": new Uint8Array([0x63, 0x61, 0x66, 0xe9]),
      "picture.png": "not a document",
      "report.DOCX": "of Word",
      "scan.pdf": tinyPdf([[]]),
    });
    await symlink("nowhere.md", join(folder.path, "dangling.md"));
    const collection = await openDocuments(folder.path, { maxFileBytes: 1_000 });
    expect(paths(collection)).toEqual(["good.md"]);
    const reasons = new Map(collection.skipped.map(({ path, reason }) => [path, reason]));
    expect([...reasons.keys()].toSorted()).toEqual([
      "binary.txt",
      "broken.pdf",
      "dangling.md",
      "empty.md",
      "huge.txt",
      "latin1.txt",
      "report.DOCX",
      "scan.pdf",
    ]);
    expect(reasons.get("binary.txt")).toContain("binary");
    expect(reasons.get("huge.txt")).toContain("maxFileBytes (1000)");
    expect(reasons.get("latin1.txt")).toContain("not UTF-8");
    expect(reasons.get("report.DOCX")).toContain("not a format that is read");
    expect(reasons.get("scan.pdf")).toContain("no text");
    expect([...reasons.values()].filter((reason) => reason.endsWith("."))).toEqual([]);
  });

  test("beyond maxFiles is named once, with what to raise", async () => {
    await using folder = await temporaryFolder({
      "a.md": "a",
      "b.md": "b",
      "c.md": "c",
      "d.md": "d",
    });
    const collection = await openDocuments(folder.path, { maxFiles: 2 });
    expect(paths(collection)).toEqual(["a.md", "b.md"]);
    expect(collection.skipped).toEqual([
      { path: "c.md", reason: expect.stringContaining("raise maxFiles") },
    ]);
  });
});

describe("a file beyond a limit", () => {
  const nested = "<div>".repeat(900_000);

  test("of time is skipped, and the next ones are read", async () => {
    await using folder = await temporaryFolder({
      "a.html": nested,
      "b.html": "<p>Herons fish.",
      "c.md": "Storks build.",
    });
    // Time for the others on a busy machine too; the first takes minutes.
    const collection = await openDocuments(folder.path, { maxFileMs: 1000 });
    expect(paths(collection)).toEqual(["b.html", "c.md"]);
    expect(collection.skipped).toEqual([
      { path: "a.html", reason: expect.stringContaining("maxFileMs (1000 ms)") },
    ]);
  });

  test("of pages or characters is skipped, with what to raise", async () => {
    await using folder = await temporaryFolder({
      "a.pdf": tinyPdf([["One"], ["Two"], ["Three"]]),
      "b.txt": "word ".repeat(20),
      "c.html": `<script>${"x".repeat(200)}</script><p>Herons fish.`,
    });
    const collection = await openDocuments(folder.path, { maxPages: 2, maxCharacters: 99 });
    expect(paths(collection)).toEqual(["c.html"]);
    expect(collection.skipped).toEqual([
      { path: "a.pdf", reason: "too long: 3 pages, more than maxPages (2)" },
      { path: "b.txt", reason: "too long: 100 characters, more than maxCharacters (99)" },
    ]);
  });

  test("does not keep a signal from stopping", async () => {
    await using folder = await temporaryFolder({ "a.html": nested, "b.md": "b" });
    const reason = new Error("enough");
    const abort = new AbortController();
    const opening = openDocuments(folder.path, { signal: abort.signal, maxFileMs: 600_000 });
    setImmediate(() => abort.abort(reason));
    await expect(opening).rejects.toBe(reason);
  });
});

describe("a link out of the folder", () => {
  test("is not followed, unless asked to", async () => {
    await using folder = await temporaryFolder({
      "outside/secret.md": "The key is under the mat.",
      "docs/guide.md": "The guide.",
      "docs-too/more.md": "More.",
    });
    const docs = join(folder.path, "docs");
    await symlink(join(folder.path, "outside/secret.md"), join(docs, "pw.txt"));
    await symlink(join(folder.path, "outside"), join(docs, "away"));
    await symlink("../docs-too", join(docs, "too"));
    const reason = expect.stringContaining("a link out of the folder");
    const collection = await openDocuments(docs);
    expect(paths(collection)).toEqual(["guide.md"]);
    expect(collection.skipped).toEqual([
      { path: "away", reason },
      { path: "pw.txt", reason },
      { path: "too", reason },
    ]);
    const followed = await openDocuments(docs, { followLinksOut: true });
    expect(paths(followed)).toEqual(["away/secret.md", "guide.md", "too/more.md"]);
  });

  test.skipIf(process.platform === "win32")("and a pipe are named as skipped", async () => {
    await using folder = await temporaryFolder({ "guide.md": "The guide." });
    await promisify(execFile)("mkfifo", [join(folder.path, "pipe.md")]);
    await symlink("/dev/zero", join(folder.path, "zero.txt"));
    const collection = await openDocuments(folder.path, { followLinksOut: true });
    expect(collection.skipped).toEqual([
      { path: "pipe.md", reason: "not a regular file" },
      { path: "zero.txt", reason: "not a regular file" },
    ]);
    await expect(openDocuments(join(folder.path, "pipe.md"))).rejects.toThrow("pipe.md");
  });
});

describe("opening", () => {
  test("a folder that does not exist fails with its name and how to fix it", async () => {
    const error: unknown = await openDocuments("no/such/folder").catch((error: unknown) => error);
    expect(DocumentsError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({
      name: "DocumentsError",
      code: "documents_error",
      folder: "no/such/folder",
      message: expect.stringContaining("existing folder"),
    });
  });

  test("a folder without a readable document fails with the list of skipped files", async () => {
    await using folder = await temporaryFolder({ "code.ts": "export {}", "empty.md": "" });
    await mkdir(join(folder.path, "sub"));
    await expect(openDocuments(folder.path)).rejects.toThrow(
      /looked for Markdown.*empty\.md.*empty/s,
    );
  });

  test("a file of another type fails with the expected types", async () => {
    await using folder = await temporaryFolder({ "code.ts": "export {}" });
    await expect(openDocuments(join(folder.path, "code.ts"))).rejects.toThrow("expected Markdown");
  });

  test("stops with the signal's own reason", async () => {
    await using folder = await temporaryFolder({ "a.md": "a", "b.md": "b" });
    const abort = new AbortController();
    const reason = new Error("enough");
    const onProgress = () => abort.abort(reason);
    const opening = openDocuments(folder.path, { signal: abort.signal, onProgress });
    await expect(opening).rejects.toBe(reason);
  });

  test("reports progress after every file", async () => {
    await using folder = await temporaryFolder({ "a.md": "a", "b.md": "" });
    const seen: unknown[] = [];
    await openDocuments(folder.path, { onProgress: (progress) => seen.push(progress) });
    expect(seen).toEqual([
      { filesRead: 1, filesFound: 2 },
      { filesRead: 2, filesFound: 2 },
    ]);
  });
});

test("a page is read in the encoding that it declares, if it is not UTF-8", async () => {
  const page = (charset: string, text: Buffer) =>
    Buffer.concat([Buffer.from(`<meta charset="${charset}"><p>`), text]);
  await using folder = await temporaryFolder({
    "german.html": page("iso-8859-1", Buffer.from("Die Brücke", "latin1")),
    "chinese.html": page("gb2312", Buffer.from("b1b1bea9cac7d6d0b9fab5c4cad7b6bc", "hex")),
    "mislabelled.html": page("iso-8859-1", Buffer.from("Die Straße")),
    "unknown.html": page("no-encoding", Buffer.from("Die Tür", "latin1")),
  });
  const collection = await openDocuments(folder.path);
  const quotes = { german: "Die Brücke", chinese: "北京是中国的首都", mislabelled: "Die Straße" };
  for (const [name, quote] of Object.entries(quotes)) {
    expect(collection.locate({ path: `${name}.html`, quote })?.text).toBe(quote);
  }
  expect(collection.skipped).toEqual([
    { path: "unknown.html", reason: "not UTF-8 and not no-encoding text: convert it to UTF-8" },
  ]);
});

describe("lines", () => {
  test.each([
    ["CRLF line breaks", "one\r\n\r\nthe answer is here\r\n"],
    ["a UTF-8 byte order mark", encoded("utf8", "one\n\nthe answer is here\n")],
    ["UTF-16 little-endian", encoded("utf16le", "one\n\nthe answer is here\n")],
    ["UTF-16 big-endian", encoded("utf16le", "one\n\nthe answer is here\n").swap16()],
  ])("are the file's own with %s", async (_, content) => {
    await using folder = await temporaryFolder({ "a.txt": content });
    const collection = await openDocuments(folder.path);
    expect(collection.locate({ path: "a.txt", quote: "the answer is here" })).toEqual({
      path: "a.txt",
      line: 3,
      endLine: 3,
      text: "the answer is here",
    });
    expect(collection.read("a.txt", { fromLine: 1, toLine: 1 })?.text).toBe("one");
  });
});
