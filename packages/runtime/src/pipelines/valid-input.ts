import { ArgumentError } from "@orchestra/core/gateway";
import { messageOf } from "@orchestra/core/extend";
import { z } from "zod";
import { throughJson } from "../values/through-json.ts";
import type { Pipeline } from "./pipeline.ts";

/**
 * An input as its run gets it: parsed by the pipeline's schema, and read back from JSON.
 *
 * @param maxBytes - Maximum size as JSON.
 * @throws {ArgumentError} if the input does not match its pipeline, or cannot be stored
 */
export function validInput(
  { name, input: schema }: Pick<Pipeline, "name" | "input">,
  input: unknown,
  maxBytes: number,
): unknown {
  const parsed = schema?.safeParse(input);
  if (parsed && !parsed.success) {
    throw cannotUse(name, z.prettifyError(parsed.error));
  }
  try {
    return throughJson(parsed ? parsed.data : input, maxBytes);
  } catch (error) {
    throw cannotUse(name, messageOf(error), { cause: error });
  }
}

function cannotUse(pipeline: string, problem: string, options?: ErrorOptions): ArgumentError {
  return new ArgumentError(`The pipeline ${pipeline} cannot use this input: ${problem}`, options);
}
