import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parsePartialJson } from "@langchain/core/output_parsers";
import { array, assert, constantFrom, integer, property } from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { StreamedArguments, unreadableMark } from "./streamed-arguments.ts";
import { readableArguments } from "./tool-arguments.ts";
import { ToolCallAssembler } from "./tool-call-assembler.ts";

const schema = {
  type: "object",
  properties: {
    claims: {
      type: "array",
      items: { type: "object", properties: { id: { type: "number" } } },
    },
    filter: { type: "object", properties: { tags: { type: "array" } } },
    note: { type: "string" },
  },
};

/** What the reader of a stream has of arguments that come in pieces which end at some characters. */
function stream(text: string, ends: readonly number[]): string {
  const passage = new StreamedArguments();
  let joined = "";
  let start = 0;
  for (const end of [...ends.filter((each) => each < text.length), text.length]) {
    joined += passage.pass(text.slice(start, end));
    start = end;
  }
  return joined + passage.end(text, schema);
}

const claims = JSON.stringify([{ id: 1 }, { id: 2 }]);
const texts = {
  plain: '{"claims": [{"id": 1}], "note": "a \\"quoted\\" {brace"}',
  "an inner text": JSON.stringify({ note: "x", claims }),
  "an inner text, spaced": `{ "note" : "[1]" , "claims" : ${JSON.stringify(` ${claims}`)} }`,
  "two inner texts": JSON.stringify({ claims, note: "{}", filter: '{"tags":["a"]}' }),
  "an inner text in an inner text": JSON.stringify({ filter: JSON.stringify({ tags: '["a"]' }) }),
  "a text in a list": JSON.stringify({ claims: ['{"id":1}'], note: "[" }),
  "encoded twice": JSON.stringify(JSON.stringify({ note: "x" })),
  "an empty object first": '{} {"note":"x"}',
  "the object twice": '{"note":"x"}{"note":"x"}',
  "an empty object": " { } ",
  nothing: "",
  null: "null",
};

describe("all pieces together are what the whole answer would have:", () => {
  test.each(Object.entries(texts))("%s", (_, text) => {
    const whole = JSON.parse(readableArguments(text, schema));
    expect(whole).toBeTypeOf("object");
    assert(
      property(array(integer({ min: 0, max: 90 }), { maxLength: 12 }), (ends) => {
        const sorted = ends.toSorted((a, b) => a - b);
        expect(JSON.parse(stream(text, sorted))).toEqual(whole);
      }),
    );
  });
});

test("a JSON text is read where the schema has a reference to a name with a percent sign", () => {
  const half = { properties: { filter: { $ref: "#/$defs/50%" } } };
  const referring = { ...half, $defs: { "50%": { type: "object" } } };
  const text = JSON.stringify({ filter: '{"tags":["a"]}' });
  expect(readableArguments(text, referring)).toBe('{"filter":{"tags":["a"]}}');
});

test("arguments that are not a JSON object get a mark, which no parser completes", () => {
  const whole = texts["two inner texts"];
  const cut = integer({ min: 1, max: whole.length - 1 }).map((end) => whole.slice(0, end));
  const odd = constantFrom(
    "[1]",
    '"x"',
    "7",
    '{"a":1,}',
    '{"a":1} b',
    '{"a":"\\',
    '{"a":"\\u00',
    "{",
  );
  for (const texts of [cut, odd]) {
    assert(
      property(texts, array(integer({ min: 0, max: 90 }), { maxLength: 4 }), (text, ends) => {
        const read = stream(
          text,
          ends.toSorted((a, b) => a - b),
        );
        expect(read).toBe(text + unreadableMark);
        expect(parsePartialJson(read)).toBeNull();
      }),
    );
  }
});

test("a piece is passed on at once if no later piece can change its meaning", () => {
  const passage = new StreamedArguments();
  expect(passage.pass('{"note":"a')).toBe('{"note":"a');
  expect(passage.pass(" long")).toBe(" long");
  expect(passage.pass(' text","claims":')).toBe(' text","claims":');
  expect(passage.pass('"')).toBe("");
  expect(passage.pass("x")).toBe('"x');
});

test("finishing twice repeats nothing", () => {
  const passage = new StreamedArguments();
  const text = '{"note":"x"}';
  expect(passage.pass(text) + passage.end(text, schema)).toBe(text);
  expect(passage.end(text, schema)).toBe("");
});

test("the pieces that a reader keeps take no more memory than their characters", () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const assembler = new ToolCallAssembler();
  const pieces: unknown[] = [];
  const add = (text: string) =>
    pieces.push(...assembler.add([{ index: 0, function: { arguments: text } }]));
  assembler.add([{ index: 0, id: "a", function: { name: "search", arguments: '{"query":"' } }]);
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let count = 0; count < 1000; count += 1) add("x".repeat(200));
  collect();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(5_000_000);
  expect(pieces.length).toBeGreaterThan(0);
});

test("long arguments are parsed once, however often their tool is named", () => {
  const parse = vi.spyOn(JSON, "parse");
  try {
    const assembler = new ToolCallAssembler();
    const piece = (text: string) => [{ index: 0, function: { name: "f", arguments: text } }];
    assembler.add(piece('{"list":[{"a":1}'));
    for (let count = 0; count < 2000; count += 1) assembler.add(piece(',{"a":1}'));
    assembler.add(piece("]}"));
    for (let count = 0; count < 100; count += 1) assembler.add(piece(" "));
    expect(assembler.build()).toHaveLength(1);
    expect(parse.mock.calls.length).toBeLessThan(3);
  } finally {
    parse.mockRestore();
  }
});
