import { describe, expect, it } from "vitest";
import { jsonMaterial, parseJson } from "./json-material.ts";

describe("jsonMaterial", () => {
  it.each([
    ["text, path and line", [{ text: "It is so.", path: "a.md", line: 3 }]],
    [
      "content, file and startLine",
      { results: [{ content: "It is so.", file: "a.md", startLine: 3 }] },
    ],
    [
      "a path above its passages",
      { file: "a.md", hits: [{ snippet: "It is so.", lines: [3, 4] }] },
    ],
    [
      "LangChain's documents",
      [
        {
          pageContent: "It is so.",
          metadata: { source: "a.md", loc: { lines: { from: 3 } }, line: 3 },
        },
      ],
    ],
    [
      "JSON inside of text",
      [{ type: "text", text: '[{"quote":"It is so.","url":"a.md","line":3}]' }],
    ],
  ])("finds passages by %s", (_, value) => {
    expect(jsonMaterial(value).passages).toEqual([
      { kind: "source", text: "It is so.", path: "a.md", line: 3 },
    ]);
  });

  it("finds claims with their numbers and their evidence", () => {
    const value = [
      { number: 2, claim: "So it is.", evidence: [{ quote: "It is so.", path: "a.md", line: 3 }] },
    ];
    expect(jsonMaterial(value)).toEqual({
      passages: [],
      claims: [
        {
          kind: "claim",
          number: 2,
          text: "So it is.",
          evidence: [{ kind: "source", text: "It is so.", path: "a.md", line: 3 }],
        },
      ],
    });
  });

  it("takes neither issues nor questions nor tags for material", () => {
    const value = {
      issues: ["This one is wrong."],
      openQuestions: ["Who knows this?"],
      tags: ["lamp"],
    };
    expect(jsonMaterial(value).passages).toEqual([]);
  });
});

describe("parseJson", () => {
  it("parses objects and arrays only", () => {
    expect(parseJson(' {"a":1} ')).toEqual({ a: 1 });
    expect(parseJson("12")).toBeUndefined();
    expect(parseJson("{no}")).toBeUndefined();
  });
});
