import type { Database } from "../database/index.ts";

/** A message from one process to others on {@link limitsChannel}. */
export interface WakeMessage {
  readonly account: string;
  /** Ids of the processes whose waiting calls may have a slot; `null` for all processes. */
  readonly wakes: readonly string[] | null;
  /** Whether a call has begun to wait, so that ended requests and unused slots are reported at once. */
  readonly isWaitedFor: boolean;
}

/** The channel on which the processes of a schema wake each other. */
export function limitsChannel({ schema }: Pick<Database, "schema">): string {
  return `${schema}_limits`;
}

/** @returns `undefined` for a payload of another form: every role of the database can send one on the channel */
export function readWakeMessage(payload: string): WakeMessage | undefined {
  try {
    const { account, wakes, isWaitedFor } = JSON.parse(payload) as WakeMessage;
    const isWakeMessage = typeof account === "string" && (wakes === null || Array.isArray(wakes));
    return isWakeMessage ? { account, wakes, isWaitedFor } : undefined;
  } catch {
    return undefined;
  }
}
