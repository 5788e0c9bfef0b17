import { json } from "@orchestra/core/extend";
import { PayloadTooLargeError } from "../errors/index.ts";
import { payloadProblem } from "./payload-size.ts";

/**
 * A value read back from JSON, as a run has it after it is read from the database.
 *
 * @throws {PayloadTooLargeError} if it is too large to be stored
 * @throws {Error} with the reason why JSON cannot express it
 */
export function throughJson(value: unknown, maxBytes: number): unknown {
  const text = json.toJson(value);
  const problem = payloadProblem(text, maxBytes);
  if (problem !== undefined) throw new PayloadTooLargeError(problem);
  return JSON.parse(text);
}
