/**
 * Refuses values that pg-boss accepts, but that are not one of cron's five fields or a time zone: seconds,
 * `@daily`, a random `H`, recurrence rules, offsets, and the time zone of the machine.
 *
 * @throws {Error} with the expected values
 */
export function checkTimes(cron: string, timezone: string): void {
  const fields = cron.trim().split(/\s+/);
  if (fields.length !== 5 || !fields.every((field) => standardField.test(field))) {
    throw new Error(
      'expected five fields (minute, hour, day of the month, month, day of the week), such as "0 7 * * 1-5"',
    );
  }
  if (!isZoneName(timezone)) {
    throw new Error('expected the name of an IANA time zone, such as "Europe/Berlin" or "UTC"');
  }
}

/** A list of `*`, numbers, names of months and days, and ranges, each with or without a step. */
const standardField = listOf(String.raw`(?:\*|(?:\d+|[a-z]{3})(?:-(?:\d+|[a-z]{3}))?)(?:/\d+)?`);

function listOf(item: string): RegExp {
  return new RegExp(`^${item}(?:,${item})*$`, "i");
}

function isZoneName(timezone: string): boolean {
  // JavaScript also accepts offsets as time zones.
  if (!/^[a-z]/i.test(timezone)) return false;
  try {
    return Boolean(new Intl.DateTimeFormat("en", { timeZone: timezone }));
  } catch {
    return false;
  }
}
