import { isJsonObject, type JsonObject } from "../wire/chat-request.ts";
import { base64Of } from "./vector.ts";

/** An answer in another form, or a wrong one. */
export interface Variant {
  readonly name: string;
  readonly description: string;
  readonly alter: (body: JsonObject) => JsonObject;
}

type Items = readonly JsonObject[];

const withItems =
  (field: "data" | "results", change: (items: Items) => readonly unknown[]) =>
  (body: JsonObject): JsonObject => {
    const items: unknown[] = Array.isArray(body[field]) ? body[field] : [];
    return { ...body, [field]: change(items.filter(isJsonObject)) };
  };

const vectors = (change: (vector: readonly number[], place: number) => unknown) =>
  withItems("data", (items) =>
    items.map((item, place) => ({
      ...item,
      embedding: change(item["embedding"] as readonly number[], place),
    })),
  );

/** The models `sandbox/embedding-NAME`. */
export const EMBEDDING_VARIANTS: readonly Variant[] = [
  { name: "base64", description: "Vectors as base64 of 32-bit floats.", alter: vectors(base64Of) },
  {
    name: "shuffled",
    description: "Vectors in another order than the inputs, each with its index.",
    alter: withItems("data", (items) => items.toReversed()),
  },
  {
    name: "no-index",
    description: "Vectors without their indexes.",
    alter: withItems("data", (items) => items.map((item) => ({ ...item, index: undefined }))),
  },
  {
    name: "nested",
    description: "Each vector in a list, as llama.cpp sends it.",
    alter: vectors((vector) => [vector]),
  },
  {
    name: "no-usage",
    description: "No usage.",
    alter: (body) => ({ ...body, usage: undefined }),
  },
  {
    name: "fewer",
    description: "One vector fewer than inputs.",
    alter: withItems("data", (items) => items.slice(1)),
  },
  {
    name: "more",
    description: "One vector more than inputs.",
    alter: withItems("data", (items) => [...items, { ...items[0], index: items.length }]),
  },
  {
    name: "same-index",
    description: "The same index for all vectors; a wrong index for a single one.",
    alter: withItems("data", (items) => items.map((item) => ({ ...item, index: items.length }))),
  },
  {
    name: "nan",
    description: "A value that is not a number.",
    alter: vectors((vector) => vector.with(0, Number.NaN)),
  },
  {
    name: "infinite",
    description: "A value that is too large for a 32-bit float.",
    alter: vectors((vector) => vector.with(0, 1e300)),
  },
  {
    name: "ragged",
    description: "Vectors of different dimensions in one answer.",
    alter: vectors((vector, place) => vector.slice(place % 2)),
  },
  {
    name: "unsteady",
    description: "Other dimensions for one input than for several.",
    alter: withItems("data", (items) =>
      items.map((item) => ({
        ...item,
        embedding: (item["embedding"] as readonly number[]).slice(items.length === 1 ? 1 : 0),
      })),
    ),
  },
  {
    name: "huge",
    description: "Vectors of 70,000 dimensions.",
    alter: vectors(() => Array.from({ length: 70_000 }, () => 0.01)),
  },
  {
    name: "zeros",
    description: "Vectors of zeros.",
    alter: vectors((vector) => vector.map(() => 0)),
  },
  {
    name: "words",
    description: "A text instead of each vector.",
    alter: vectors(() => "a vector"),
  },
];

const scores = (change: (result: JsonObject, place: number) => JsonObject) =>
  withItems("results", (results) => results.map(change));

/** The models `sandbox/rerank-NAME`. */
export const RERANK_VARIANTS: readonly Variant[] = [
  {
    name: "shuffled",
    description: "Results that are not sorted.",
    alter: withItems("results", (results) => results.toReversed()),
  },
  {
    name: "fewer",
    description: "Only the better half of the results.",
    alter: withItems("results", (results) => results.slice(0, Math.ceil(results.length / 2))),
  },
  { name: "none", description: "No results.", alter: withItems("results", () => []) },
  {
    name: "far-index",
    description: "Indexes that no document has.",
    alter: scores((result, place) => ({ ...result, index: 1000 + place })),
  },
  {
    name: "same-index",
    description: "The same document several times.",
    alter: withItems("results", (results) => [...results, ...results]),
  },
  {
    name: "nan",
    description: "Scores that are not numbers.",
    alter: scores((result) => ({ ...result, relevance_score: null })),
  },
];
