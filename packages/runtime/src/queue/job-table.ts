import { quoted } from "../database/index.ts";

/** Names of pg-boss's queues. */
export const queueNames = {
  runs: "run-jobs",
  schedules: "schedules",
  deadLetters: "dead-letters",
} as const;

/** Name of pg-boss's schema for a runtime's own. */
export function queueSchema(schema: string): string {
  return `${schema}_queue`;
}

/** The table of pg-boss's jobs, quoted. */
export function jobTable(schema: string): string {
  return `${quoted(queueSchema(schema))}.job`;
}
