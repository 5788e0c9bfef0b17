import type { Severity } from "./check.ts";

/** What a check found, with its remedy. */
export interface Finding {
  /** Id of the check. */
  readonly check: string;
  readonly severity: Severity;
  readonly message: string;
  /** Code of the problem; stable, like the id. */
  readonly problem?: string;
  readonly remedy?: string;
  /** Further lines. They may hold values of settings, which a report for others leaves out. */
  readonly details?: readonly string[];
  readonly fix?: () => Promise<string>;
  /** What `--fix` has done about it. */
  readonly fixed?: string;
}
