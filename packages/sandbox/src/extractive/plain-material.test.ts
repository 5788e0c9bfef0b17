import { describe, expect, it } from "vitest";
import { parsePlainPassages } from "./plain-material.ts";

describe("parsePlainPassages", () => {
  it("splits at lines that name a place", () => {
    const text = "[1] docs/a.md:12\nIt is so.\n\nSource: b.txt (line 4)\n\nAnd so.";
    expect(parsePlainPassages(text)).toEqual([
      { kind: "source", path: "docs/a.md", line: 12, number: 1, text: "It is so." },
      { kind: "source", path: "b.txt", line: 5, text: "And so." },
    ]);
  });

  it("reads what grep prints", () => {
    expect(parsePlainPassages("a.md:7: It is so.")).toEqual([
      { kind: "source", path: "a.md", line: 7, text: "It is so." },
    ]);
  });

  it("takes text without places as one passage", () => {
    expect(parsePlainPassages("It is so.\nAnd so.")).toEqual([
      { kind: "source", text: "It is so.\nAnd so." },
    ]);
  });

  it.each(["No results found.", "Error: timed out", "nothing", "Not found"])(
    "finds nothing in %j",
    (text) => {
      expect(parsePlainPassages(text)).toEqual([]);
    },
  );
});
