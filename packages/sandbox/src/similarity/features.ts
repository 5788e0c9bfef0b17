import { sentenceKeys } from "../extractive/terms.ts";
import { isStopWord } from "../extractive/stop-words.ts";

/** Weight of a piece of three characters, compared with its word. */
const pieceWeight = 0.25;
const stopWordWeight = 0.05;

/**
 * The features by which texts are compared, with weights: the stems of its words, and pieces of three characters of
 * each, most of which a misspelt word shares with the right one.
 */
export function featuresOf(text: string): Map<string, number> {
  const features = new Map<string, number>();
  for (const key of sentenceKeys(text.normalize("NFKC"))) {
    const weight = isStopWord(key) ? stopWordWeight : 1;
    add(features, `word ${key}`, weight);
    const framed = Array.from(`<${key}>`);
    for (let at = 0; at + 3 <= framed.length; at += 1) {
      add(features, framed.slice(at, at + 3).join(""), weight * pieceWeight);
    }
  }
  return features;
}

function add(features: Map<string, number>, feature: string, weight: number): void {
  features.set(feature, (features.get(feature) ?? 0) + weight);
}

/** The share of the features of a query that a document has, from 0 to 1. */
export function relevance(query: string, document: string): number {
  const found = featuresOf(document);
  let all = 0;
  let covered = 0;
  for (const [feature, weight] of featuresOf(query)) {
    all += weight;
    if (found.has(feature)) covered += weight;
  }
  return all === 0 ? 0 : covered / all;
}
