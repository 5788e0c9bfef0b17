import { z } from "zod";
import { PipelineInputError } from "../errors/index.ts";
import { throughJson } from "../through-json.ts";
import type { Pipeline } from "./pipeline.ts";

/**
 * An input as its run will have it: as the pipeline's schema made it, and as JSON gives it back.
 *
 * @throws {PipelineInputError}
 */
export function validInput({ name, input: schema }: Pipeline, input: unknown): unknown {
  const parsed = schema?.safeParse(input);
  if (parsed && !parsed.success) {
    throw new PipelineInputError(name, z.prettifyError(parsed.error));
  }
  try {
    return throughJson(parsed ? parsed.data : input);
  } catch (error) {
    throw new PipelineInputError(name, (error as Error).message);
  }
}
