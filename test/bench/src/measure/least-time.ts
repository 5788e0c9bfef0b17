/** What a server grants. */
export interface AccountLimit {
  readonly requests: number;
  readonly windowMs: number;
}

/**
 * The least time in which a server takes so many requests, where they take no time themselves.
 *
 * - `fixed-window`: a window's requests at once, and the next ones when each further window begins.
 * - `token-bucket`: what a full bucket holds at once, and then one whenever one is refilled.
 *
 * @param intoWindowMs - How much of the first fixed window had passed at the start.
 */
export function leastTimeMs(
  algorithm: "fixed-window" | "token-bucket",
  requests: number,
  limit: AccountLimit,
  intoWindowMs = 0,
): number {
  if (requests <= limit.requests) return 0;
  if (algorithm === "token-bucket") {
    return (requests - limit.requests) * (limit.windowMs / limit.requests);
  }
  return (Math.ceil(requests / limit.requests) - 1) * limit.windowMs - intoWindowMs;
}
