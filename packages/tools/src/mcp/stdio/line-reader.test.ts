import { array, assert, integer, property, string } from "fast-check";
import { expect, test } from "vitest";
import { LineReader } from "./line-reader.ts";

function linesOf(chunks: readonly Buffer[], maxBytes = 1_000): string[] | "too long" {
  const lines: string[] = [];
  const reader = new LineReader(maxBytes, (line) => lines.push(line));
  return chunks.every((chunk) => reader.read(chunk)) ? lines : "too long";
}

test("lines are the same however the bytes are cut", () => {
  assert(
    property(array(string({ unit: "grapheme" })), integer({ min: 1, max: 9 }), (texts, size) => {
      const lines = texts.map((text) => text.replaceAll(/[\r\n]/g, ""));
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        bytes.subarray(index * size, (index + 1) * size),
      );
      expect(linesOf(chunks, 100_000)).toEqual(lines);
    }),
  );
});

test("a line that is too long is noticed before its end", () => {
  expect(linesOf([Buffer.alloc(1_000, "x")])).toEqual([]);
  expect(linesOf([Buffer.alloc(600, "x"), Buffer.alloc(401, "x")])).toBe("too long");
});
