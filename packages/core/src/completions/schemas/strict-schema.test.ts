import { describe, expect, test } from "vitest";
import { z } from "zod";
import { describeSchema } from "./describe-schema.ts";
import { strictSchema } from "./strict-schema.ts";

const tree: z.ZodType = z.object({
  name: z.string(),
  get children() {
    return z.array(tree);
  },
});

const object = (property: z.ZodType) => z.object({ a: property });
const kinds: readonly [string, z.ZodType, object][] = [
  [
    "a discriminated union",
    z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("a"), x: z.number() }),
      z.object({ kind: z.literal("b") }),
    ]),
    { anyOf: [{ type: "object" }, { type: "object" }] },
  ],
  ["a default", z.string().default("x"), { type: "string" }],
  ["an optional field", z.string().optional(), { anyOf: [{ type: "string" }, { type: "null" }] }],
  ["a length", z.string().min(3), { type: "string", description: "(minLength: 3)" }],
  ["a format that is not known", z.url(), { description: '(format: "uri")' }],
  ["a format that is known", z.iso.datetime(), { format: "date-time" }],
  ["a range", z.number().min(0).max(1), { minimum: 0, maximum: 1 }],
  ["a literal", z.literal("x"), { type: "string", enum: ["x"] }],
];

describe("strictSchema", () => {
  test.each(kinds)("has a form for %s", (_, property, expected) => {
    const fitted = strictSchema(describeSchema(object(property)).jsonSchema);
    expect(fitted).toMatchObject({ properties: { a: expected }, required: ["a"] });
    expect(JSON.stringify(fitted)).not.toMatch(/"(oneOf|default|minLength|const|\$schema)"/);
  });

  test("keeps recursion by reference", () => {
    expect(JSON.stringify(strictSchema(describeSchema(object(tree)).jsonSchema))).toContain("$ref");
  });

  test.each([
    ["a record", z.record(z.string(), z.number())],
    ["a tuple", z.tuple([z.string(), z.number()])],
    ["anything", z.unknown()],
  ])("has none for %s", (_, property) => {
    expect(strictSchema(describeSchema(object(property)).jsonSchema)).toBeUndefined();
  });

  test("has none for patterns of names, nor for a root that is no object", () => {
    const patterns = { type: "object", properties: {}, patternProperties: { "^x": {} } };
    expect(strictSchema(patterns)).toBeUndefined();
    expect(strictSchema({ type: "array", items: { type: "string" } })).toBeUndefined();
  });

  test("is the schema that a request has with strict: true", () => {
    const strict = { type: "object", properties: {}, required: [], additionalProperties: false };
    expect(describeSchema(strict).strictSchema).toBe(strict);
  });
});
