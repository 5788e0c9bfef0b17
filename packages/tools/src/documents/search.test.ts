import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../test-support/temporary-folder.ts";
import { tinyPdf } from "./__fixtures__/tiny-pdf.ts";
import { openDocuments } from "./index.ts";

describe("a passage", () => {
  test("starts on its line of the file, front matter counted but not searched", async () => {
    const markdown = [
      "---",
      "title: 'Guide to Pacing'",
      "zebra: 1",
      "---",
      "",
      "# Pacing",
      "",
      "The limiter grants slots",
      "in order of arrival.",
    ].join("\n");
    await using folder = await temporaryFolder({ "guide.md": markdown });
    const collection = await openDocuments(folder.path);
    expect(collection.documents[0]?.title).toBe("Guide to Pacing");
    expect(collection.search("zebra")).toEqual([]);
    const [passage] = collection.search("limiter slots");
    expect(passage).toMatchObject({ path: "guide.md", line: 6 });
    expect(passage?.text.split("\n")).toEqual(markdown.split("\n").slice(5));
  });

  test("of HTML has the source's lines, without tags, scripts and styles", async () => {
    const html = [
      "<!doctype html><html><head><title>Shop &amp; Co</title>",
      "<style>",
      "  .price { color: red }",
      "</style></head>",
      "<body><nav>Home",
      "Prices</nav>",
      "<h2",
      '  class="big">Prices</h2>',
      "<p>The caf&eacute; costs <b>5&nbsp;euros</b> &lt;net&gt;</p>",
      "<script>var price = '<p>9 euros</p>';",
      "</script><td>left</td><td>right</td>",
      "<!-- a comment",
      "over lines --><p>Last price:&#10;7 euros.",
    ].join("\r\n");
    await using folder = await temporaryFolder({ "shop.html": html });
    const collection = await openDocuments(folder.path);
    expect(collection.documents[0]?.title).toBe("Shop & Co");
    const lines = collection.read("shop.html")?.text.split("\n") ?? [];
    expect(lines).toHaveLength(13);
    expect(lines.map((line) => line.trim())).toEqual([
      "",
      "",
      "",
      "",
      "Home",
      "Prices",
      "",
      "Prices",
      "The café costs 5\u00a0euros <net>",
      "",
      "left right",
      "",
      "Last price: 7 euros.",
    ]);
    const [passage] = collection.search("price in euros");
    expect(passage).toMatchObject({ line: 8 });
    expect(passage?.text).toContain("The café costs");
    expect(collection.locate({ path: "shop.html", quote: "costs 5 euros <net>" })?.line).toBe(9);
    expect(collection.locate({ path: "shop.html", quote: "Last price: 7 euros." })?.line).toBe(13);
    expect(collection.locate({ path: "shop.html", quote: "var price =" })).toBeUndefined();
  });

  test("of a PDF has its page and the line within it", async () => {
    await using folder = await temporaryFolder({
      "paper.pdf": tinyPdf([
        ["A study of rivers", "Introduction"],
        ["Results", "The Rhine carries", "2300 cubic metres a second"],
      ]),
    });
    const collection = await openDocuments(folder.path);
    const quote = "carries 2300 cubic metres a second";
    expect(collection.locate({ path: "paper.pdf", quote, page: 1, line: 9 })).toEqual({
      path: "paper.pdf",
      page: 2,
      line: 2,
      endLine: 3,
      text: "carries\n2300 cubic metres a second",
    });
    expect(collection.search("Rhine")[0]).toMatchObject({ path: "paper.pdf" });
    expect(collection.read("paper.pdf", { page: 2, fromLine: 2, toLine: 2 })).toEqual({
      path: "paper.pdf",
      page: 2,
      fromLine: 2,
      toLine: 2,
      totalLines: 3,
      text: "The Rhine carries",
    });
    expect(collection.read("paper.pdf", { page: 3 })).toBeUndefined();
  });

  test("is at most 1,200 characters, even of one endless line", async () => {
    const sentence = "The heron waits by the water for a fish to come near. ";
    await using folder = await temporaryFolder({ "long.md": sentence.repeat(200) });
    const collection = await openDocuments(folder.path);
    const passages = collection.search("heron", { limit: 50 });
    expect(Math.max(...passages.map(({ text }) => text.length))).toBeLessThanOrEqual(1_200);
    expect(passages[0]?.text).toMatch(/near\.$/);
  });
});

describe("search", () => {
  test("finds a passage by the heading above it, and no bare heading", async () => {
    await using folder = await temporaryFolder({
      "a.md": `# Tool\n\n## Installation\n\n## Usage\n\n${"It waits for the next slot. ".repeat(20)}\n\n${"Then it sends. ".repeat(70)}`,
    });
    const collection = await openDocuments(folder.path);
    expect(collection.search("usage").length).toBeGreaterThan(1);
    expect(collection.search("installation")).toEqual([]);
  });

  test("passes over badges and tables of contents", async () => {
    await using folder = await temporaryFolder({
      "README.md": [
        "# Widget",
        "",
        "[![coverage](https://img.example/coverage.svg)](https://ci.example/coverage)",
        "",
        "- [Coverage](#coverage)",
        "- [Timeouts](#timeouts)",
        "",
        "Some words.",
        "",
        "## Timeouts",
        "",
        "A request times out after a minute.",
      ].join("\n"),
    });
    const collection = await openDocuments(folder.path);
    expect(collection.search("coverage")).toEqual([]);
    expect(collection.search("timeouts").map(({ line }) => line)).toEqual([8]);
  });

  test.each([
    ["another form of the word", "retrying failures"],
    ["a part of a name in code", "failure delay"],
    ["the name itself", "retryDelay"],
    ["a slip of the pen", "exponentail"],
    ["the beginning of a word", "expon"],
  ])("finds by %s", async (_, query) => {
    await using folder = await temporaryFolder({
      "a.md": "Set `retryDelay` for failed calls; each failure waits exponentially longer.",
      "b.md": "Nothing of the kind.",
    });
    const collection = await openDocuments(folder.path);
    expect(collection.search(query).map(({ path }) => path)).toEqual(["a.md"]);
  });

  test("finds words of scripts without spaces", async () => {
    await using folder = await temporaryFolder({ "zh.md": "东京是日本的首都。", "b.md": "Other." });
    const collection = await openDocuments(folder.path);
    expect(collection.search("首都")[0]?.path).toBe("zh.md");
  });

  test.each([
    "What is the capital of France?",
    "How tall is the Eiffel tower?",
    "what is the",
    "",
    "!?",
  ])("finds nothing for what the documents do not say: %s", async (query) => {
    await using folder = await temporaryFolder({
      "a.md": "Write it in capital letters. What is the use of small ones?",
      "b.md": "This is a tall order.",
    });
    const collection = await openDocuments(folder.path);
    expect(collection.search(query)).toEqual([]);
  });

  test("tells a text that many files share only once, and keeps to the limit", async () => {
    const licence = "Permission is hereby granted, free of charge.";
    await using folder = await temporaryFolder({
      "a/LICENSE": licence,
      "b/LICENSE": licence,
      "c.md": "Permission of the owner.",
      "d.md": "Permission of the editor.",
    });
    const collection = await openDocuments(folder.path);
    expect(
      collection
        .search("permission")
        .map(({ path }) => path)
        .toSorted(),
    ).toEqual(["a/LICENSE", "c.md", "d.md"]);
    expect(collection.search("permission", { limit: 2 })).toHaveLength(2);
  });
});
