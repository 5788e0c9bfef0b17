import type { RankedPassage } from "../search/passage-index.ts";

/**
 * Keeps the first ranks of one ranking from outweighing all of the others.
 *
 * Source: Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank
 * Learning Methods", SIGIR 2009
 */
const k = 60;

/** Merges rankings by reciprocal rank fusion: only ranks count, because scores of different kinds are not comparable. */
export function fuse(rankings: readonly (readonly RankedPassage[])[]): RankedPassage[] {
  const scores = new Map<number, number>();
  for (const ranking of rankings) {
    for (const [place, { id }] of ranking.entries()) {
      scores.set(id, (scores.get(id) ?? 0) + 1 / (k + place + 1));
    }
  }
  const fused = Array.from(scores, ([id, score]) => ({ id, score }));
  // Of equal ones, the first one stays first.
  return fused.toSorted((a, b) => b.score - a.score);
}
