import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../test-support/temporary-folder.ts";
import { tinyPdf } from "./__fixtures__/tiny-pdf.ts";
import { documentTools, openDocuments, type Documents } from "./index.ts";

async function call(documents: Documents, name: string, input: object): Promise<unknown> {
  const found = documentTools(documents).find((tool) => tool.name === name);
  if (!found) throw new Error(`no tool ${name}`);
  const answer: unknown = await found.invoke(input);
  if (typeof answer !== "string") throw new Error("a tool answers with text");
  return JSON.parse(answer);
}

const lines = (count: number, text: string) =>
  Array.from({ length: count }, (_, index) => `${text} ${index + 1}`).join("\n");

describe("search_documents", () => {
  test("answers passages with their places, and how many there are", async () => {
    await using folder = await temporaryFolder({
      "a.md": "Intro.\n\nHerons wait by the water.",
      "b.pdf": tinyPdf([["Birds"], ["Herons eat fish"]]),
    });
    const documents = await openDocuments(folder.path);
    expect(await call(documents, "search_documents", { query: "herons" })).toEqual({
      passages: expect.arrayContaining([
        { path: "a.md", line: 1, text: "Intro.\n\nHerons wait by the water." },
        { path: "b.pdf", page: 2, line: 1, text: "Herons eat fish" },
      ]),
      total: 2,
    });
    expect(await call(documents, "search_documents", { query: "herons", limit: 1 })).toMatchObject({
      passages: [{}],
      total: 2,
    });
    expect(
      await call(documents, "search_documents", { query: "herons", limit: null }),
    ).toMatchObject({
      total: 2,
    });
  });

  test("reports that no word matches, and returns the beginnings of documents", async () => {
    await using folder = await temporaryFolder({ "a.md": "Herons wait by the water." });
    const documents = await openDocuments(folder.path);
    expect(await call(documents, "search_documents", { query: "pizza dough" })).toEqual({
      note: expect.stringContaining('No word of "pizza dough" is in the 1 documents'),
      passages: [{ path: "a.md", line: 1, text: "Herons wait by the water." }],
      total: 1,
    });
  });

  test("accepts a user's asynchronous store", async () => {
    const passage = { path: "wiki/Heron", line: 7, text: "Herons fish.", score: 1 };
    const documents: Documents = {
      root: "wiki",
      documents: [{ path: "wiki/Heron", kind: "text", title: "Heron" }],
      search: async () => [passage],
      read: async () => undefined,
      locate: async () => undefined,
    };
    expect(await call(documents, "search_documents", { query: "heron" })).toEqual({
      passages: [{ path: "wiki/Heron", line: 7, text: "Herons fish." }],
      total: 1,
    });
  });
});

describe("read_document", () => {
  test("reads lines, and returns how to read the next ones", async () => {
    await using folder = await temporaryFolder({ "a.txt": lines(450, "line") });
    const documents = await openDocuments(folder.path);
    expect(
      await call(documents, "read_document", { path: "./a.txt", fromLine: 2, toLine: 3 }),
    ).toEqual({
      path: "a.txt",
      fromLine: 2,
      toLine: 3,
      totalLines: 450,
      text: "line 2\nline 3",
      note: "Read on with fromLine 4.",
    });
    expect(await call(documents, "read_document", { path: "a.txt" })).toMatchObject({
      toLine: 200,
      note: "Read on with fromLine 201.",
    });
    const last = await call(documents, "read_document", { path: "a.txt", fromLine: 401 });
    expect(last).toMatchObject({ toLine: 450 });
    expect(last).not.toHaveProperty("note");
  });

  test("shows whole lines up to its size, and the beginning of a line beyond it", async () => {
    await using folder = await temporaryFolder({
      "wide.txt": lines(100, "x".repeat(500)),
      "endless.txt": "y".repeat(50_000),
    });
    const documents = await openDocuments(folder.path);
    expect(await call(documents, "read_document", { path: "wide.txt" })).toMatchObject({
      toLine: 23,
      note: "Read on with fromLine 24.",
    });
    expect(await call(documents, "read_document", { path: "endless.txt" })).toMatchObject({
      toLine: 1,
      text: "y".repeat(12_000),
      note: expect.stringContaining("longer than can be shown"),
    });
  });

  test.each([
    [{ path: "missing/guide.md" }, 'There is no document "missing/guide.md".*docs/guide.md'],
    [{ path: "../../etc/passwd" }, 'There is no document "../../etc/passwd"'],
    [{ path: "docs/guide.md", fromLine: 9 }, "no line 9: docs/guide.md has 1 lines"],
    [{ path: "docs/guide.md", page: 2 }, "docs/guide.md has no pages"],
    [{ path: "./paper.pdf", page: 9 }, "no page 9: paper.pdf has 1 pages"],
  ])("answers %j with what to do instead", async (input, message) => {
    await using folder = await temporaryFolder({
      "docs/guide.md": "The guide.",
      "paper.pdf": tinyPdf([["Paper"]]),
    });
    const documents = await openDocuments(folder.path);
    expect(await call(documents, "read_document", input)).toEqual({
      error: expect.stringMatching(new RegExp(message)),
    });
  });
});
