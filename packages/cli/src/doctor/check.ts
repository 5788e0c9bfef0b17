import type { DoctorContext } from "./context.ts";

export type Severity = "error" | "warning" | "note" | "ok" | "skipped";

/** What can be wrong, and what to do about it. */
export interface Problem {
  readonly severity: "error" | "warning" | "note";
  /** What to do, as whole sentences; the same for every case, so that documents can show it. */
  readonly remedy: string;
}

/** One result of a check. */
export type Result<Code extends string = string> =
  | {
      readonly problem: Code;
      /** What was found, as a whole sentence. */
      readonly message: string;
      /** What to do in this very case, instead of what the problem says. */
      readonly remedy?: string;
      readonly details?: readonly string[];
      /** Repairs it on this machine without harm; resolves to what was done. */
      readonly fix?: () => Promise<string>;
    }
  | {
      readonly severity: "note" | "ok" | "skipped";
      readonly message: string;
      /** Further lines. They may hold values of settings, which a report for others leaves out. */
      readonly details?: readonly string[];
    };

/** One thing that the doctor looks at. */
export interface Check<Code extends string = string> {
  /** Stable: scripts name it. `group/name`. */
  readonly id: `${string}/${string}`;
  readonly title: string;
  /** Whether it sends requests or opens a database; `--lint` leaves it out. */
  readonly needsNetwork: boolean;
  /** Everything that the check can report, by a stable code. */
  readonly problems: Readonly<Record<Code, Problem>>;
  run(context: DoctorContext): Promise<readonly Result<Code>[]>;
}

export function defineCheck<const Code extends string>(check: Check<Code>): Check {
  return check;
}

export function ok(message: string, details?: readonly string[]): readonly [Result<never>] {
  return [{ severity: "ok", message, ...(details ? { details } : {}) }];
}

export function note(message: string): readonly [Result<never>] {
  return [{ severity: "note", message }];
}

export function skipped(message: string): readonly [Result<never>] {
  return [{ severity: "skipped", message }];
}
