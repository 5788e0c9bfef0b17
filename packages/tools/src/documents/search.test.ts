import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../test-support/temporary-folder.ts";
import { tinyPdf } from "./__fixtures__/tiny-pdf.ts";
import { openDocuments, type DocumentCollection } from "./index.ts";

/** Passages that share a word with the query. */
const matches = (documents: DocumentCollection, query: string) =>
  documents.search(query).filter(({ score }) => score > 0);

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
    expect(matches(collection, "zebra")).toEqual([]);
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

  test("is at most 2,000 characters, even of one endless line", async () => {
    const sentence = "The heron waits by the water for a fish to come near. ";
    await using folder = await temporaryFolder({ "long.md": sentence.repeat(200) });
    const collection = await openDocuments(folder.path);
    const passages = collection.search("heron", { limit: 50 });
    expect(Math.max(...passages.map(({ text }) => text.length))).toBeLessThanOrEqual(2_000);
    expect(passages[0]?.text).toMatch(/near\.$/);
  });
});

describe("search", () => {
  test("finds a passage by the heading above it, and no bare heading", async () => {
    await using folder = await temporaryFolder({
      "a.md": `# Tool\n\n## Installation\n\n## Usage\n\n${"It waits for the next slot. ".repeat(20)}\n\n${"Then it sends. ".repeat(100)}`,
    });
    const collection = await openDocuments(folder.path);
    expect(collection.search("usage").length).toBeGreaterThan(1);
    expect(matches(collection, "installation")).toEqual([]);
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
    expect(matches(collection, "coverage")).toEqual([]);
    expect(matches(collection, "timeouts").map(({ line }) => line)).toEqual([8]);
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
    expect(matches(collection, query).map(({ path }) => path)).toEqual(["a.md"]);
  });

  test("finds words of scripts without spaces", async () => {
    await using folder = await temporaryFolder({ "zh.md": "东京是日本的首都。", "b.md": "Other." });
    const collection = await openDocuments(folder.path);
    expect(collection.search("首都")[0]?.path).toBe("zh.md");
  });

  test("ranks what shares a word with a question; whether it answers is not decided here", async () => {
    await using folder = await temporaryFolder({
      "bells.md": "The copper bell of Varn weighs 312 kilograms.",
      "order.md": "This is a tall order for a big city.",
    });
    const collection = await openDocuments(folder.path);
    const question = "What is the weight of the big copper bell in the city of Varn?";
    expect(collection.search(question).map(({ path }) => path)).toEqual(["bells.md", "order.md"]);
  });

  test.each(["pizza dough", "the", "", "!?", "ピザ"])(
    "returns the beginnings of documents for words that are not in them: %j",
    async (query) => {
      await using folder = await temporaryFolder({
        "a.md": `# Herons\n\nHerons wait.\n\n${"They stand still. ".repeat(200)}`,
        "b.md": "Storks build nests.",
      });
      const collection = await openDocuments(folder.path);
      expect(collection.search(query)).toMatchObject([
        { path: "a.md", line: 1, score: 0 },
        { path: "b.md", line: 1, score: 0 },
      ]);
    },
  );

  test.each([
    ["German compounds", "Fehler bei der Installation", "Installationsfehler sind selten."],
    ["a part of a compound", "Installationsfehler", "Bei der Installation gab es einen Fehler."],
    ["German endings, and umlauts left out", "Haus verzogert", "Die Häuser verzögern den Bau."],
    ["French endings", "difficultés de navigation", "Il est difficile de naviguer dans ce port."],
    ["accents left out", "evenements", "Les événements de la ville."],
    ["composed and decomposed letters", "Äpfel", "Die A\u0308pfel sind rot."],
    ["full width and ligatures", "ｆｉｎｅ", "The weather is ﬁne."],
    ["soft hyphens", "kilograms", "It weighs 312 kilo\u00adgrams."],
    ["Greek capitals", "ΟΔΟΣ", "Η οδός είναι μεγάλη."],
    ["Arabic vowels", "كتاب", "هذا كِتَابٌ جديد."],
    ["Russian endings", "большие дома", "В городе стоит большой дом."],
    ["Japanese questions", "重さはどのくらいですか？", "鐘の重さは312キログラムです。"],
    ["Chinese questions", "铜钟有多重？", "这口铜钟重312公斤。"],
    ["Korean particles", "무게가 얼마입니까", "종의 무게는 312킬로그램이다."],
    ["words joined by hyphens", "multiplatform", "It is a multi-platform tool."],
    ["a letter wrong in an ideograph word", "上下文格离", "上下文隔离很重要。"],
  ])("finds by %s", async (_, query, text) => {
    const others = ["Etwas anderes steht hier im Text.", "Une autre phrase est ici.", "Other."];
    await using folder = await temporaryFolder({
      "there.md": text,
      // Parts of a compound are words of the documents.
      "words.md": "Eine Installation ist neu. Der Fehler ist alt.",
      ...Object.fromEntries(others.map((other, index) => [`${index}.md`, other])),
    });
    const collection = await openDocuments(folder.path);
    const best = matches(collection, query).slice(0, 2);
    expect(best.map(({ path }) => path)).toContain("there.md");
  });

  test("repeats the end of a passage in the next one, where a section is cut", async () => {
    const sentences = Array.from({ length: 300 }, (_, index) => `Heron ${index} is here.`);
    await using folder = await temporaryFolder({ "a.md": sentences.join(" ") });
    const collection = await openDocuments(folder.path);
    const passages = collection.search("heron", { limit: 50 }).map(({ text }) => text);
    expect(passages.length).toBeGreaterThan(2);
    for (const pair of sentences.slice(1).map((sentence, at) => `${sentences[at]} ${sentence}`)) {
      expect(passages.some((passage) => passage.includes(pair))).toBe(true);
    }
  });

  test("returns a text that many files share only once, and keeps to the limit", async () => {
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
