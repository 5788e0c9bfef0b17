import { PayloadTooLargeError } from "../errors/index.ts";
import { payloadProblem } from "./payload-size.ts";
import { toJson } from "./to-json.ts";

/**
 * A value as JSON gives it back: as a run has it that is read from the database.
 *
 * @throws {PayloadTooLargeError} where it is too large to be stored
 * @throws {Error} that says why JSON cannot express it
 */
export function throughJson(value: unknown, maxBytes: number): unknown {
  const text = toJson(value);
  const problem = payloadProblem(text, maxBytes);
  if (problem !== undefined) throw new PayloadTooLargeError(problem);
  return JSON.parse(text);
}
