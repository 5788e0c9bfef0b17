const dayMs = 86_400_000;

/** The UTC day of an instant, as the number of days since the epoch. */
export function utcDay(now: number): number {
  return Math.floor(now / dayMs);
}

/** The last result: most requests need the same day as the request before. */
let lastDay = { day: Number.NaN, date: "" };

/** The UTC date of an instant, such as `2026-01-01`. */
export function utcDate(now: number): string {
  const day = utcDay(now);
  if (day !== lastDay.day) lastDay = { day, date: new Date(now).toISOString().slice(0, 10) };
  return lastDay.date;
}

/**
 * The UTC midnight at the end of an instant's day, in milliseconds since the epoch.
 *
 * @param laterDays - Days after that one.
 */
export function nextUtcMidnight(now: number, laterDays: number = 0): number {
  return (utcDay(now) + 1 + laterDays) * dayMs;
}
