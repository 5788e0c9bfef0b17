import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../test-support/temporary-folder.ts";
import { openDocuments } from "./index.ts";

async function locateIn(text: string, quote: string, line?: number, path = "doc.md") {
  await using folder = await temporaryFolder({ [path]: text });
  const collection = await openDocuments(folder.path);
  return collection.locate({ path, quote, ...(line !== undefined && { line }) });
}

describe("a quotation is found", () => {
  test("across line breaks, with its actual lines", async () => {
    const text = "# Limits\n\nThe account allows\nsixty requests\na minute.\n";
    expect(await locateIn(text, "allows sixty requests a minute", 1)).toEqual({
      path: "doc.md",
      line: 3,
      endLine: 5,
      text: "allows\nsixty requests\na minute",
    });
  });

  test.each([
    ["typographic quotes", "He said “it’s done” twice.", `said "it's done" twice`],
    ["dashes", "Pages 10–20 — all of them.", "Pages 10-20 - all of them."],
    ["a non-breaking space", "Wait 5\u00a0seconds at most.", "Wait 5 seconds"],
    ["soft hyphens", "An extra\u00adordinary re\u00adsult.", "extraordinary result"],
    ["decomposed accents", "Le cafe\u0301 est ferme\u0301.", "café est fermé"],
    ["accents left out", "Les événements de la ville.", "Les evenements de la ville"],
    ["Greek accents left out", "Ο φάρος της πόλης είναι παλιός.", "Ο φαρος της πολης"],
    ["Arabic vowels left out", "بُنِيَتِ المَنارَةُ في عامِ", "بنيت المنارة في عام"],
    ["full width characters", "料金は１５００円です、税込みで。", "料金は1500円です"],
    ["an ellipsis character", "Wait… and then go.", "Wait... and then go"],
    ["a ligature", "An e\ufb03cient \ufb01lter.", "efficient filter"],
    [
      "its first letter in another case",
      "It is, however, not recommended.",
      "However, not recommended",
    ],
    ["quotation marks around it", "The limit is sixty.", '"The limit is sixty."'],
    [
      "a full stop of its own",
      "The limit is sixty a minute, never more.",
      "The limit is sixty a minute.",
    ],
    ["emphasis left out", "Use the **bold** and _quick_ word.", "the bold and quick word"],
    ["backticks left out", "Set `maxRetries` to 0.", "Set maxRetries to 0."],
    [
      "a link's target left out",
      "See [the guide](https://a.example/x_(y)) first.",
      "See the guide first.",
    ],
    ["a reference left out", "See [the guide][1] first.", "See the guide first."],
    ["a badge left out", "Built ![ok](x.svg) by hand.", "Built by hand."],
    ["HTML tags left out", "Press <kbd>Enter</kbd><br/> to go on.", "Press Enter to go on."],
    ["an entity decoded", "Profit &amp; loss of 5 &lt; 6.", "Profit & loss of 5 < 6."],
    [
      "list marks left out",
      "- first comes one\n- then comes two",
      "first comes one then comes two",
    ],
    ["quote marks left out", "> a long\n> quotation here", "a long quotation here"],
    [
      "table bars left out",
      "| name | what it is |\n| --- | --- |\n| delay | 5 s |",
      "what it is delay 5 s",
    ],
    ["markup of its own", "The limit is sixty a minute.", "The **limit** is `sixty` a minute."],
    ["markup kept", "Use the **bold** word.", "the **bold** word"],
    ["code as it stands", "```ts\nconst a_b = c * d ** e;\n```", "const a_b = c * d ** e;"],
  ])("with %s", async (_, text, quote) => {
    expect(await locateIn(`Intro.\n\n${text}\n`, quote)).toMatchObject({
      path: "doc.md",
      line: text.startsWith("```") ? 4 : 3,
    });
  });

  test("where a layout broke a word at a line's end", async () => {
    const text = "An exam-\nple of a well-\nknown thing.";
    expect(await locateIn(text, "An example of a", undefined, "a.txt")).toMatchObject({ line: 1 });
    expect(await locateIn(text, "a well-known thing", undefined, "a.txt")).toMatchObject({
      line: 2,
    });
  });

  test("around an ellipsis if both parts are near each other, in their order", async () => {
    const text = "The first part of it\n\nis followed by more\nbefore the second part of it.";
    expect(await locateIn(text, "first part of it … the second part of it")).toEqual({
      path: "doc.md",
      line: 1,
      endLine: 4,
      text: "first part of it\n\nis followed by more\nbefore the second part of it",
    });
    expect(await locateIn(text, "the second part of it ... first part of it")).toBeUndefined();
    expect(await locateIn(text, "The first ... second")).toBeUndefined();
    const apart = text.replace("more", "more\n".repeat(300));
    expect(await locateIn(apart, "first part of it … the second part of it")).toBeUndefined();
  });

  test("but not around one that hides a negation", async () => {
    const text =
      "The new limiter is, for now, not recommended for production use. Wait for the next one.";
    expect(await locateIn(text, "The new limiter is … recommended for production")).toBeUndefined();
    expect(await locateIn(text, "The new limiter … not recommended for production")).toBeDefined();
    expect(await locateIn(text, "The new limiter is … Wait for the next one.")).toBeDefined();
  });

  test("at the occurrence nearest to the stated line", async () => {
    const text = `It says so.\n${"\n".repeat(8)}It says so.\n${"\n".repeat(8)}It says so.`;
    const lines = [undefined, 4, 11, 400].map((line) => locateIn(text, "It says so.", line));
    expect((await Promise.all(lines)).map((place) => place?.line)).toEqual([1, 1, 10, 19]);
  });
});

const text =
  "It is not recommended to send 1500 requests. The delay is 0.5 seconds, or -20 degrees.\n" +
  "You can't use non-blocking calls. A `Promise<void>` costs 1,000 points. Growth was 5% a year, 2*3 times. " +
  "The sums a ≠ b differ, over an area of 10² metres.";

describe("a quotation is refused", () => {
  test.each([
    ["one number changed", "to send 1600 requests"],
    ["a dropped not", "It is recommended to send"],
    ["a digit cut off in front", "500 requests. The delay"],
    ["a digit cut off behind", "to send 150"],
    ["a decimal cut off", "5 seconds, or"],
    ["a sign cut off", "20 degrees. You"],
    ["a contraction cut short", "degrees. You can"],
    ["a prefix cut off", "blocking calls. A"],
    ["a thousand cut short", "costs 1 point"],
    ["thousands cut off", "000 points. Growth"],
    ["a per cent sign cut off", "Growth was 5"],
    ["a type changed", "A Promise<number> costs"],
    ["a type left out", "A Promise costs 1,000"],
    ["an operator left out", "a year, 23 times"],
    ["a sign without its stroke", "The sums a = b differ"],
    ["another power", "an area of 102 metres"],
    ["another case within", "to Send 1500 requests"],
    ["words added", "to send 1500 requests daily"],
    ["words in another order", "requests 1500 send"],
    ["too short to show anything", "You can"],
    ["no letter in it", "1,000 ..... 5"],
    ["nothing in it", ""],
  ])("with %s", async (_, quote) => {
    expect(await locateIn(text, quote)).toBeUndefined();
  });
});

describe("the same words uncut", () => {
  test.each([
    "It is not recommended to send 1500 requests",
    "0.5 seconds, or",
    "-20 degrees. You can't use non-blocking calls.",
    "A Promise<void> costs 1,000 points",
    "Growth was 5% a year, 2*3 times",
  ])("are found: %s", async (quote) => {
    expect(await locateIn(text, quote)).toBeDefined();
  });
});

describe("a path that a model wrote", () => {
  test.each([
    "docs/a.md",
    "./docs/a.md",
    "docs\\a.md",
    "docs/../docs/a.md",
    "<root>/docs/a.md",
    "docs/a.md:1",
    "docs/a.md#L1",
  ])("is understood as %s", async (path) => {
    await using folder = await temporaryFolder({ "docs/a.md": "The limit is sixty." });
    const collection = await openDocuments(folder.path);
    const given = path.replace("<root>", folder.path);
    expect(collection.locate({ path: given, quote: "The limit is sixty." })?.path).toBe(
      "docs/a.md",
    );
    expect(collection.read(given)?.text).toBe("The limit is sixty.");
  });

  test.each(["../secret.md", "<root>/../secret.md", "/etc/passwd", "a.md/../../secret.md", ""])(
    "never leads out of the root: %s",
    async (path) => {
      await using folder = await temporaryFolder({
        "inside/a.md": "Public words here.",
        "secret.md": "Secret words here.",
      });
      const collection = await openDocuments(join(folder.path, "inside"));
      const given = path.replace("<root>", collection.root);
      expect(collection.read(given)).toBeUndefined();
      expect(collection.locate({ path: given, quote: "Secret words here." })).toBeUndefined();
    },
  );
});
