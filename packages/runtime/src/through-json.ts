/**
 * A value as JSON gives it back: as a run has it that is read from the database.
 *
 * @throws {Error} that says why JSON cannot express it
 */
export function throughJson(value: unknown): unknown {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new TypeError("JSON cannot express it");
  return JSON.parse(text);
}
