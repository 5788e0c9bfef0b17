/** Called for each request in the order of arrival; returns whether the request is admitted. */
export type Server = (arrivedAt: number) => boolean;

/** Consecutive windows, one of which begins at `phaseMs`. */
export function fixedWindow(limit: number, windowMs: number, phaseMs: number): Server {
  const counts = new Map<number, number>();
  return (arrivedAt) => {
    const window = Math.floor((arrivedAt - phaseMs) / windowMs);
    const count = counts.get(window) ?? 0;
    counts.set(window, count + 1);
    return count < limit;
  };
}

/** At most `limit` in any window that ends with a request. */
export function slidingWindow(limit: number, windowMs: number): Server {
  const arrivals: number[] = [];
  return (arrivedAt) => {
    const recent = arrivals.filter((at) => at > arrivedAt - windowMs);
    arrivals.push(arrivedAt);
    return recent.length < limit;
  };
}

/** Starts full and refills evenly, `limit` per window. Whole numbers keep it exact. */
export function tokenBucket(limit: number, windowMs: number): Server {
  const capacity = limit * windowMs;
  let level = capacity;
  let filledAt = -Infinity;
  return (arrivedAt) => {
    level = Math.min(capacity, level + (arrivedAt - filledAt) * limit);
    filledAt = arrivedAt;
    if (level < windowMs) return false;
    level -= windowMs;
    return true;
  };
}
