import type { DoctorContext } from "./doctor-context.ts";

export type Severity = "error" | "warning" | "note" | "ok" | "skipped";

/** A problem that a check can report. */
export interface Problem {
  readonly severity: "error" | "warning" | "note";
  /** What to do, as whole sentences. It is the same for each case, so that the docs can list it. */
  readonly remedy: string;
}

/** One result of a check. */
export type Result<Code extends string = string> =
  | {
      readonly problem: Code;
      /** What is wrong in this case, as a whole sentence. */
      readonly message: string;
      /** What to do in this case, instead of the remedy of the problem. */
      readonly remedy?: string;
      readonly details?: readonly string[];
      /** Fixes the problem on this machine, if that is safe. Resolves to a sentence about what was done. */
      readonly fix?: () => Promise<string>;
    }
  | {
      readonly severity: "note" | "ok" | "skipped";
      readonly message: string;
      /** Further lines. They can contain values of settings; `--report` does not print them. */
      readonly details?: readonly string[];
    };

/** A check of the doctor. */
export interface Check<Code extends string = string> {
  /** `group/name`. It never changes, because scripts use it. */
  readonly id: `${string}/${string}`;
  readonly title: string;
  /** Whether it sends requests or opens a database. `--lint` skips such checks. */
  readonly needsNetwork: boolean;
  /** The problems that the check can report, by their codes, which never change. */
  readonly problems: Readonly<Record<Code, Problem>>;
  run(context: DoctorContext): Promise<readonly Result<Code>[]>;
}

/** Infers the codes of a check's problems, so that its results can use no others. */
export function defineCheck<const Code extends string>(check: Check<Code>): Check {
  return check;
}

/** The result of a check without a problem. */
export function ok(message: string, details?: readonly string[]): readonly [Result<never>] {
  return [{ severity: "ok", message, ...(details ? { details } : {}) }];
}

/** The result of a check that has information for the user. */
export function note(message: string): readonly [Result<never>] {
  return [{ severity: "note", message }];
}

/** The result of a check that does not apply or cannot be made, with the reason. */
export function skipped(message: string): readonly [Result<never>] {
  return [{ severity: "skipped", message }];
}
