import { z } from "zod";
import type { Deliverable, Findings, Review } from "../agents/index.ts";
import { problemsOf } from "../input/check-input.ts";
import { ArgumentError } from "../errors/argument-error.ts";

/*
 * The outputs of the steps of a pipeline, as far as the pipeline itself needs them. The outputs of agents match
 * their types; those of functions and runnables of a JavaScript program may not.
 */

const findings = z.lazy(() =>
  z.looseObject({
    task: z.string(),
    claims: z.array(z.unknown()),
    openQuestions: z.array(z.unknown()),
  }),
);

const review = z.lazy(() =>
  z.looseObject({
    claims: z.array(z.unknown()),
    verdict: z.enum(["approve", "revise", "reject"]),
    issues: z.array(z.looseObject({ problem: z.string() })),
  }),
);

const deliverable = z.lazy(() =>
  z.looseObject({ text: z.string(), citations: z.array(z.unknown()) }),
);

/** @throws {ArgumentError} that names the step */
export const findingsGiven = (given: Findings, step: string) => checked(findings, given, step);
/** @throws {ArgumentError} that names the step */
export const reviewGiven = (given: Review, step: string) => checked(review, given, step);
/** @throws {ArgumentError} that names the step */
export const deliverableGiven = (given: Deliverable, step: string) =>
  checked(deliverable, given, step);

function checked<T>(schema: z.ZodType, given: T, step: string): T {
  const problems = problemsOf(schema, given, "its output");
  if (problems === "") return given;
  throw new ArgumentError(`The output of the pipeline's step '${step}' is not valid: ${problems}`);
}
