import type { Logger } from "@orchestra/core";
import type { DatabaseProblem } from "@orchestra/runtime";
import type { ApiError } from "./api-error.ts";
import { databaseError, isOfProvider } from "./database-error.ts";
import { toApiError } from "./to-api-error.ts";

/** Creates the error response for a thrown value. */
export type AnswerError = (error: unknown) => ApiError;

export interface AnswerErrorsOptions {
  readonly logger: Logger;
  /** The problem of the database, if an error has one. */
  readonly databaseProblemOf: (error: unknown) => DatabaseProblem | undefined;
}

/** Answers errors, and logs those that only the server's operator can fix. */
export function answerErrors({ logger, databaseProblemOf }: AnswerErrorsOptions): AnswerError {
  return (error) => {
    const problem = isOfProvider(error) ? undefined : databaseProblemOf(error);
    const answer = problem === undefined ? toApiError(error) : databaseError(problem, error);
    const { status, code } = answer.details;
    if (status === 500 || code === "database_unusable") logger.error("request failed", { error });
    return answer;
  };
}
