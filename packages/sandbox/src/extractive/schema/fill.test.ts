import { describe, expect, it } from "vitest";
import type { Finding } from "../finding.ts";
import { FOUND_NOTHING, NO_MATERIAL } from "../compose.ts";
import { questionTerms } from "../terms.ts";
import { fillSchema } from "./fill.ts";

const question = "How long does the battery last? And how much does the lamp weigh?";
const excerpt = { text: "The battery lasts\n9 hours.", path: "docs/lamp.md", line: 5 };
const found: Finding = {
  question,
  terms: questionTerms(question),
  isFound: true,
  coverage: 0.834,
  basis: "passages",
  hasMaterial: true,
  usesMarks: false,
  points: [{ statement: "The battery lasts 9 hours.", excerpts: [excerpt] }],
};
const notFound: Finding = { ...found, isFound: false, coverage: 0, points: [] };

const property = (name: string, schema: object, finding = found) => {
  const object = { type: "object", properties: { [name]: schema }, required: [name] };
  const filled = fillSchema(object, finding);
  return typeof filled === "object" && filled !== null ? Object.entries(filled)[0]?.[1] : filled;
};
const text = { type: "string" };

describe("fillSchema", () => {
  it.each([
    ["quote", "The battery lasts\n9 hours."],
    ["sourceQuote", "The battery lasts\n9 hours."],
    ["source_path", "docs/lamp.md"],
    ["answer", "The battery lasts 9 hours."],
    ["deliverable", "The battery lasts 9 hours."],
    ["title", "How long does the battery last"],
  ])("fills the text %s", (name, value) => {
    expect(property(name, text)).toBe(value);
  });

  it.each([
    ["line", { type: "integer" }, 5],
    ["confidence", { type: "number" }, 0.83],
    ["score", { type: "integer", minimum: 0, maximum: 10 }, 8],
    ["hours", { type: "number" }, 9],
    ["page", { type: ["integer", "null"] }, null],
    ["page", { type: "integer", minimum: 1 }, 1],
    ["amount", { type: "number", exclusiveMinimum: 10, multipleOf: 5 }, 15],
  ])("fills the number %s of %j", (name, schema, value) => {
    expect(property(name, schema)).toBe(value);
  });

  it.each([
    ["supported", true, false],
    ["needsRevision", false, true],
    ["is_unsupported", false, true],
  ])("fills the flag %s", (name, whenFound, whenNot) => {
    expect(property(name, { type: "boolean" })).toBe(whenFound);
    expect(property(name, { type: "boolean" }, notFound)).toBe(whenNot);
  });

  it.each([
    [["approve", "revise", "reject"], "approve", "reject"],
    [["pass", "fail"], "pass", "fail"],
    [["not_supported", "supported"], "supported", "not_supported"],
    [["minor", "major"], "minor", "major"],
    [["garden", "battery"], "battery", "garden"],
  ])("judges by %j", (values, whenFound, whenNot) => {
    expect(property("judgement", { enum: values })).toBe(whenFound);
    expect(property("judgement", { enum: values }, notFound)).toBe(whenNot);
  });

  it("fills lists by their names", () => {
    const list = { type: "array", items: text };
    expect(property("quotes", list)).toEqual([excerpt.text]);
    expect(property("issues", list)).toEqual([]);
    expect(property("issues", list, notFound)).toEqual([FOUND_NOTHING]);
    expect(property("artifacts", list)).toEqual([]);
    expect(property("steps", list, notFound)).toEqual([]);
    expect(property("steps", list, { ...notFound, hasMaterial: false })).toEqual([NO_MATERIAL]);
    expect(property("sources", list)).toEqual(["docs/lamp.md"]);
    expect(property("keywords", list)).toEqual(["battery", "last", "lamp", "weigh"]);
    expect(property("subQuestions", list)).toEqual([
      "How long does the battery last?",
      "And how much does the lamp weigh?",
    ]);
  });

  it("keeps to bounds", () => {
    expect(property("points", { type: "array", items: text, minItems: 2 })).toHaveLength(2);
    expect(property("points", { type: "array", items: text, minItems: 1 }, notFound)).toHaveLength(
      1,
    );
    expect(property("keywords", { type: "array", items: text, maxItems: 1 })).toHaveLength(1);
    expect(property("answer", { ...text, maxLength: 11 })).toBe("The battery");
    expect(property("quote", { ...text, minLength: 3 }, notFound)).toHaveLength(3);
    expect(property("when", { ...text, format: "date-time" })).toBe("1970-01-01T00:00:00Z");
  });

  it("follows references, merges and picks what is not null", () => {
    const schema = {
      $defs: {
        place: {
          type: "object",
          properties: { path: text, line: { type: "integer" } },
          required: ["path", "line"],
        },
        node: {
          type: "object",
          properties: { child: { anyOf: [{ $ref: "#/$defs/node" }, { type: "null" }] } },
          required: ["child"],
        },
      },
      type: "object",
      properties: {
        place: { anyOf: [{ type: "null" }, { $ref: "#/$defs/place" }] },
        both: {
          allOf: [{ $ref: "#/$defs/place" }, { type: "object", properties: { quote: text } }],
        },
        kind: { const: "finding" },
        tree: { $ref: "#/$defs/node" },
      },
      required: ["place", "both", "kind", "tree"],
    };
    expect(fillSchema(schema, found)).toMatchObject({
      place: { path: "docs/lamp.md", line: 5 },
      both: { path: "docs/lamp.md", line: 5, quote: excerpt.text },
      kind: "finding",
      tree: { child: { child: expect.anything() } },
    });
  });

  it("follows references to encoded names, to names with a percent sign, and into lists", () => {
    const schema = {
      $defs: {
        "a b": { const: 1 },
        "a/b~": { const: 2 },
        "100%": { const: 3 },
        list: { anyOf: [{ const: 4 }] },
      },
      type: "object",
      properties: {
        encoded: { $ref: "#/$defs/a%20b" },
        escaped: { $ref: "#/$defs/a~1b~0" },
        percent: { $ref: "#/$defs/100%" },
        inList: { $ref: "#/$defs/list/anyOf/0" },
      },
    };
    const filled = { encoded: 1, escaped: 2, percent: 3, inList: 4 };
    expect(fillSchema(schema, found)).toEqual(filled);
  });

  it("leaves out optional fields that are unknown", () => {
    const schema = { type: "object", properties: { page: { type: "integer" }, answer: text } };
    expect(fillSchema(schema, notFound)).toEqual({ answer: FOUND_NOTHING });
  });
});
