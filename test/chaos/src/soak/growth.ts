/** The growth of a heap for each unit of work. */
export interface Growth {
  readonly bytes: number;
  /** Three quarters of the pairs of rounds differ by more. The further from `bytes`, the more noise. */
  readonly lowBytes: number;
}

/**
 * The slope of the heap's sizes after rounds of equal size: the median of the slopes between every two
 * of them (Theil and Sen). A table that doubles once, or a round that differs, does not change it.
 */
export function growthOf(heap: readonly number[], unitsPerRound: number): Growth {
  const slopes = heap.flatMap((before, from) =>
    heap.slice(from + 1).map((after, further) => (after - before) / (further + 1) / unitsPerRound),
  );
  slopes.sort((a, b) => a - b);
  const quantile = (share: number) => slopes[Math.floor((slopes.length - 1) * share)] ?? 0;
  return { bytes: quantile(0.5), lowBytes: quantile(0.25) };
}
