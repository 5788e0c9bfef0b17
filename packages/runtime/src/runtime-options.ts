import type { Environment, OrchestraOptions } from "@orchestra/core";
import type { ApprovalDecision } from "@orchestra/core/pipelines";
import type { Database } from "./database/index.ts";
import type { Pipeline } from "./pipelines/index.ts";
import type { RuntimeSettings } from "./runtime-settings.ts";

export interface RuntimeOptions {
  /** Pipelines that can be run. A worker executes only its own. */
  readonly pipelines: readonly Pipeline[];
  /** Settings in code; each has precedence over its environment variable. */
  readonly settings?: Partial<RuntimeSettings>;
  /** @defaultValue `process.env` */
  readonly environment?: Environment;
  /** Options of the runtime's gateway, and of the `Orchestra` of the pipelines over it. Each is created when it is first needed. */
  readonly orchestra?: Omit<OrchestraOptions, "environment">;
  /** An open database, which stays open when the runtime closes. @defaultValue the one of the settings */
  readonly database?: Database;
  /** The length of the account's "minute"; the same in all processes. For tests. */
  readonly limits?: { readonly windowMs: number };
  /** How often in a row a run may crash its worker without progress before it is given up. @defaultValue `3` */
  readonly maxCrashes?: number;
  /** Receives errors of the background work, such as a lost database. @defaultValue the orchestra's logger, if it has one */
  readonly onError?: (error: unknown) => void;
}

export interface GetOptions {
  /** Whether it waits while the database is not available. If not, it throws the error of the driver. @defaultValue `true` */
  readonly waitsForDatabase?: boolean | undefined;
}

export interface DecideOptions {
  /** Which of the run's open interrupts is answered. @defaultValue the only one */
  readonly interrupt?: string | undefined;
}

/** Details of a decision of this kind on an approval. */
export type DecisionDetails<Kind extends ApprovalDecision["decision"]> = DecideOptions &
  Omit<Extract<ApprovalDecision, { readonly decision: Kind }>, "decision">;
