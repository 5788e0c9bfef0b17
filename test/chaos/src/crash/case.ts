import type { Break, Harm } from "./breakable-database.ts";
import type { ShapeName } from "./shapes.ts";
import type { Problem } from "./verdict.ts";

/** A place where runs are broken, and how. */
export interface Place {
  readonly backend: "postgres" | "pglite";
  readonly harm: Harm;
}

/** One break of one run. */
export interface Case extends Break {
  readonly shape: ShapeName;
  /** Whether what was given up comes back while another executes the run, or when it has ended. */
  readonly comesBack: "early" | "late";
}

export interface CaseResult {
  /** Whether the run was broken, or had ended before it made so many statements. */
  readonly isBroken: boolean;
  readonly problems: readonly Problem[];
  /** Whether the case came to no end. */
  readonly isUnjudged?: boolean;
}

/** Breaks runs in one place, one after the other. */
export interface Lane extends AsyncDisposable {
  readonly place: Place;
  /** How many statements a run makes where nothing breaks. */
  readonly countStatements: (shape: ShapeName) => Promise<number>;
  readonly run: (broken: Case) => Promise<CaseResult>;
}

/** A case in which nothing breaks. */
export function unbroken(shape: ShapeName, harm: Harm): Case {
  return { shape, harm, statement: Infinity, moment: "unsent", comesBack: "late" };
}
