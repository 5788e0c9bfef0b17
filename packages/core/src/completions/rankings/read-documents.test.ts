import { describe, expect, test } from "vitest";
import { readRanking } from "./read-ranking.ts";
import { readVectors } from "./read-vectors.ts";

const base64 = (...values: readonly number[]) =>
  Buffer.from(Float32Array.from(values).buffer).toString("base64");

const numbersOf = (body: object, count: number) =>
  readVectors(body as never, count).map((vector) => [...vector]);

describe("the vectors of an answer", () => {
  test.each<[string, unknown[], number[][]]>([
    [
      "numbers in order",
      [{ embedding: [1, 2] }, { embedding: [3, 4] }],
      [
        [1, 2],
        [3, 4],
      ],
    ],
    [
      "by their indexes",
      [
        { index: 1, embedding: [1] },
        { index: 0, embedding: [2] },
      ],
      [[2], [1]],
    ],
    ["base64", [{ embedding: base64(1, -0.5) }], [[1, -0.5]]],
    ["base64 beside numbers", [{ embedding: base64(1) }, { embedding: [2] }], [[1], [2]]],
    ["in lists", [{ embedding: [[1, 2]] }], [[1, 2]]],
    ["of one dimension", [{ embedding: [7] }], [[7]]],
  ])("are read: %s", (_, data, expected) => {
    expect(numbersOf({ data }, data.length)).toEqual(expected);
  });

  test.each<[string, unknown]>([
    ["no list", undefined],
    ["null", null],
    ["an object", { 0: { embedding: [1] } }],
    ["a list of null", [null]],
    ["a list of lists", [[1]]],
    ["no vector", [{}]],
    ["an empty vector", [{ embedding: [] }]],
    ["an object as a vector", [{ embedding: { 0: 1 } }]],
    ["texts as numbers", [{ embedding: ["1"] }]],
    ["null as a number", [{ embedding: [null] }]],
    ["words", [{ embedding: "no vector at all" }]],
    ["an empty text", [{ embedding: "" }]],
    ["cut off base64", [{ embedding: base64(1, 2).slice(0, -3) }]],
    ["NaN in base64", [{ embedding: base64(NaN) }]],
    ["Infinity in base64", [{ embedding: base64(Infinity) }]],
    ["an index after the end", [{ index: 1, embedding: [1] }]],
    ["an index before the start", [{ index: -1, embedding: [1] }]],
    ["an index with a fraction", [{ index: 0.5, embedding: [1] }]],
    ["an index in words", [{ index: "0", embedding: [1] }]],
  ])("are refused: %s", (_, data) => {
    expect(() => numbersOf({ data }, 1)).toThrow(
      expect.objectContaining({ kind: "invalid_response_error" }),
    );
  });

  test("are refused where one index is that of two", () => {
    const data = [{ index: 0, embedding: [1] }, { embedding: [1] }, { index: 1, embedding: [1] }];
    expect(() => numbersOf({ data }, 3)).toThrow("indexes");
  });
});

describe("a ranking", () => {
  test.each<[string, object]>([
    [
      "OpenRouter's",
      {
        results: [
          { index: 1, relevance_score: 2 },
          { index: 0, relevance_score: 3 },
        ],
      },
    ],
    [
      "Voyage's",
      {
        data: [
          { index: 1, relevance_score: 2 },
          { index: 0, relevance_score: 3 },
        ],
      },
    ],
    [
      "with another name of the score",
      {
        results: [
          { index: 1, score: 2 },
          { index: 0, score: 3 },
        ],
      },
    ],
  ])("is read: %s", (_, body) => {
    expect(readRanking(body as never, 2)).toEqual([
      { index: 0, score: 3 },
      { index: 1, score: 2 },
    ]);
  });

  test("may leave documents out, and may have scores below 0", () => {
    const results = [{ index: 4, relevance_score: -3 }];
    expect(readRanking({ results }, 5)).toEqual([{ index: 4, score: -3 }]);
  });

  test.each<[string, unknown]>([
    ["no list", undefined],
    ["an empty list", []],
    ["a list of null", [null]],
    ["more results than documents", [0, 1, 2].map((index) => ({ index, relevance_score: 1 }))],
    ["a result without an index", [{ relevance_score: 1 }]],
    ["a result without a score", [{ index: 0 }]],
    ["a score in words", [{ index: 0, relevance_score: "high" }]],
    ["a score that is no number", [{ index: 0, relevance_score: NaN }]],
    ["an index of no document", [{ index: 2, relevance_score: 1 }]],
    ["the same document twice", [0, 0].map((index) => ({ index, relevance_score: 1 }))],
  ])("is refused: %s", (_, results) => {
    expect(() => readRanking({ results }, 2)).toThrow(
      expect.objectContaining({ kind: "invalid_response_error" }),
    );
  });
});
