import { isObject } from "../../input/is-object.ts";
import { invalid } from "../invalid-answer.ts";
import { isIndexBelow } from "./read-vectors.ts";

/** A document of a request, and its relevance to the query. */
export interface RankedDocument {
  /** Index in the request's list. */
  readonly index: number;
  /** Higher is more relevant; comparable only within one answer. */
  readonly score: number;
}

/**
 * The results of an answer to `POST /rerank`, the most relevant first. Some servers call
 * them `data`, and a result's score `score`.
 *
 * Source: https://openrouter.ai/docs/api/api-reference/rerank/submit-a-rerank-request
 *
 * @param count - Number of documents.
 * @throws {ModelError} if the results are not a ranking of these documents
 */
export function readRanking(
  { data, results = data }: Readonly<Record<string, unknown>>,
  count: number,
): RankedDocument[] {
  if (!Array.isArray(results) || results.length === 0 || results.length > count) {
    throw invalid(`The answer holds no ranking of ${count} documents`, "malformed");
  }
  const seen = new Set<number>();
  const ranking = results.map((result: unknown) => {
    const fields = isObject(result) ? result : {};
    const { index, relevance_score: score = fields["score"] } = fields;
    if (!isIndexBelow(count, index) || seen.has(index)) {
      throw invalid("The indexes of the ranking are not those of the documents", "malformed");
    }
    if (typeof score !== "number" || !Number.isFinite(score)) {
      throw invalid("A score of the ranking is not a finite number", "malformed");
    }
    seen.add(index);
    return { index, score };
  });
  return ranking.toSorted((a, b) => b.score - a.score);
}
