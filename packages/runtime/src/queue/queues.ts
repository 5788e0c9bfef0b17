import type { Queue } from "pg-boss";
import { queueNames } from "./job-table.ts";

/** Without a heartbeat for this time a lease expires; this is the minimum of pg-boss. */
const leaseSeconds = 10;
/** A run that takes longer is taken from its worker, and continues from its last checkpoint. */
const maxExecutionSeconds = 23 * 3600;
/** A run's own count of crashes decides when it is given up, not the queue's. */
const retryLimit = 1_000_000;

/** The options of each queue for pg-boss, by its name. */
export const queues: Readonly<Record<string, Omit<Queue, "name">>> = {
  [queueNames.deadLetters]: { retentionSeconds: 14 * 86_400 },
  [queueNames.runs]: {
    // One job for a run, whether it waits or is executed.
    policy: "exclusive",
    heartbeatSeconds: leaseSeconds,
    expireInSeconds: maxExecutionSeconds,
    retentionSeconds: 10 * 365 * 86_400,
    // The row of the run has its history.
    deleteAfterSeconds: 60,
    retryLimit,
    retryDelay: 0,
  },
  [queueNames.schedules]: {
    // A schedule starts its run within milliseconds: a lease that expires has lost its worker.
    heartbeatSeconds: leaseSeconds,
    retryLimit: 5,
    retryDelay: 1,
    deleteAfterSeconds: 3600,
  },
};
