/** The state of a worker; JSON. */
export interface WorkerHealth {
  /**
   * - `working`: it takes runs and executes them.
   * - `waiting`: the database cannot be used, or a run cannot write to it; runs in progress wait for it.
   * - `draining`: it takes no more runs, and stops when those in progress have ended.
   */
  readonly state: "working" | "waiting" | "draining";
  /** When this state began; ISO 8601. */
  readonly since: string;
  /** The problem of the database, if it is not available. */
  readonly reason?: string;
  /** Runs that it executes now. */
  readonly activeRuns: number;
  /** When the database last answered a heartbeat; ISO 8601. */
  readonly lastHeartbeatAt?: string;
}
