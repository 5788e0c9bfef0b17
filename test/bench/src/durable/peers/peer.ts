import type { RunnableConfig } from "@langchain/core/runnables";

/** Runs that each peer executes at one time, as a worker of ours does by default. */
export const atOnce = 8;

/** How often a worker of DBOS looks into its queue, in milliseconds. */
export const dbosPollMs = 10;

/** A role of a run's three steps. */
export type Role = (typeof roles)[number];
export const roles = ["researcher", "validator", "executor"] as const;

export interface NewRun {
  readonly id: string;
  readonly text: string;
}

export interface PeerOptions {
  readonly databaseUrl: string;
  /** Asks the model of a role: the same client for all peers. */
  readonly ask: (role: Role, text: string, config?: RunnableConfig) => Promise<string>;
  /** To be called when a run begins; all calls but a run's first do nothing. */
  readonly onBegin: (id: string) => void;
}

/** How runs went. */
export interface PeerTally {
  readonly ended: number;
  /** From the start of the first to the end of the last, in milliseconds. */
  readonly tookMs: number;
}

/** Another way to execute runs of three calls, in one process. */
export interface Peer extends AsyncDisposable {
  /** Puts a run where it waits for its execution. */
  readonly start: (run: NewRun) => Promise<void>;
  /** Begins to execute runs. */
  readonly work: () => Promise<void>;
  /** Stops executing, when the runs in progress have ended. */
  readonly drain: () => Promise<void>;
  readonly tally: (ids: readonly string[]) => Promise<PeerTally>;
}
