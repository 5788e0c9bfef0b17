import type { Break, Harm } from "./breakable-database.ts";
import type { ShapeName } from "./shapes.ts";
import type { Problem } from "./verdict.ts";

/** A kind of database, and what is done to it. */
export interface Place {
  readonly backend: "postgres" | "pglite";
  readonly harm: Harm;
}

/** One interruption of one run. */
export interface Case extends Break {
  readonly shape: ShapeName;
  /** Whether the frozen worker continues while another one executes the run, or after the run has ended. */
  readonly comesBack: "early" | "late";
}

export interface CaseResult {
  /** Whether the run was interrupted. If not, it ended before that statement. */
  readonly isBroken: boolean;
  readonly problems: readonly Problem[];
  /** Whether the case did not end in time. */
  readonly isUnjudged?: boolean;
}

/** Interrupts runs in one place, one after the other. */
export interface Lane extends AsyncDisposable {
  readonly place: Place;
  /** Number of statements of a run without an interruption. */
  readonly countStatements: (shape: ShapeName) => Promise<number>;
  readonly run: (broken: Case) => Promise<CaseResult>;
}

/** A case without an interruption. */
export function unbroken(shape: ShapeName, harm: Harm): Case {
  return { shape, harm, statement: Infinity, moment: "unsent", comesBack: "late" };
}
