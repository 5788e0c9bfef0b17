import type { EventListener } from "../usage/events.ts";

/** The run that a call belongs to. */
export interface RunScope {
  readonly runId: string;
  readonly traceId: string;
  readonly onEvent: EventListener | undefined;
  /** Models by role, in place of the roles' own. */
  readonly models?: Readonly<Record<string, string>> | undefined;
}
