/**
 * A value as JSON.
 *
 * @throws {Error} with the reason why JSON cannot express it
 */
export function toJson(value: unknown): string {
  let json: string | undefined;
  try {
    json = JSON.stringify(value) as string | undefined;
  } catch (error) {
    const isTooDeep = error instanceof RangeError && error.message.includes("call stack");
    if (isTooDeep) throw new TypeError("it is nested too deeply", { cause: error });
    throw error;
  }
  if (json === undefined) throw new TypeError("JSON cannot express it");
  return json;
}
