import type { Severity } from "./check.ts";

/** One line of the report: a result of a check, with its remedy. */
export interface Finding {
  /** Id of the check. */
  readonly check: string;
  readonly severity: Severity;
  readonly message: string;
  /** Code of the problem. It never changes, like the id. */
  readonly problem?: string;
  readonly remedy?: string;
  /** Further lines. They can contain values of settings; `--report` does not print them. */
  readonly details?: readonly string[];
  readonly fix?: () => Promise<string>;
  /** What `--fix` has done, as a sentence. */
  readonly fixed?: string;
}
