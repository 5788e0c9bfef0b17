import type { EventListener } from "../usage/events.ts";

/** The run that a call belongs to. */
export interface RunScope {
  readonly runId: string;
  readonly traceId: string;
  readonly onEvent: EventListener | undefined;
}
