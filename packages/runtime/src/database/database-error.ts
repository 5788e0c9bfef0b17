import { OrchestraError } from "@orchestra/core/gateway";
import { bounded, sentences } from "@orchestra/core/extend";
import { outageOf } from "./outage.ts";

/** The database cannot be opened: it does not exist, refuses the connection, or belongs to another process. */
export class DatabaseError extends OrchestraError {
  override readonly name = "DatabaseError";
  readonly code = "database_error";
  /** Whether the database is not available, so that the same may succeed later without a change of its URL. */
  readonly isRetryable: boolean;
  /** The problem: the message without the advice. */
  readonly problem: string;
  /** What to do, in whole sentences. */
  readonly advice: string | undefined;

  /** @param problem - Without the full stop at its end. */
  constructor(problem: string, options: ErrorOptions & { readonly advice?: string } = {}) {
    const { advice, cause } = options;
    super(advice === undefined ? problem : `${problem}. ${advice}`, options);
    this.problem = bounded(problem);
    this.advice = advice;
    const outage = outageOf(cause);
    this.isRetryable = outage !== undefined && outage !== "refused";
  }

  static override isInstance(error: unknown): error is DatabaseError {
    return OrchestraError.isNamed(error, "DatabaseError");
  }
}

/** The message of an error of the driver. */
export function reasonOf(error: unknown): string {
  const {
    message = String(error),
    code,
    errors,
  } = error as Partial<AggregateError> & {
    readonly code?: string;
  };
  // Node.js sets no message for an error with several addresses.
  const reason = message || (errors?.map(reasonOf).join("; ") ?? code ?? "it did not answer");
  return sentences.withoutStop(reason);
}
