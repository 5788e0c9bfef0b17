import type { KeyBudget } from "../resilience/budget/index.ts";
import type { EventListener } from "../usage/events.ts";

/** The key of the client that calls are made for: a server identifies its clients by keys. */
export interface CallKey {
  /** The id of the key, never the key itself. */
  readonly id: string;
  readonly name: string;
  /** The budget of all calls of the key. */
  readonly budget?: KeyBudget | undefined;
  /** Roles that the key may call. @defaultValue all roles */
  readonly roles?: readonly string[] | undefined;
  /** Models that its clients may name, in addition to the roles' own. @defaultValue all models */
  readonly models?: readonly string[] | undefined;
}

/** The run that a call belongs to. */
export interface RunScope {
  readonly runId: string;
  readonly traceId: string;
  /** Whether the run consists of this call only, and ends with it. @defaultValue `false` */
  readonly isOneCall?: boolean | undefined;
  /** The parent of the call's events: an agent or a tool. */
  readonly parentId?: string | undefined;
  readonly onEvent: EventListener | undefined;
  /** Models by role, instead of the roles' own. */
  readonly models?: Readonly<Record<string, string>> | undefined;
  readonly key?: CallKey | undefined;
  /** The end user of the run. @defaultValue the field `user` of a call's request */
  readonly user?: string | undefined;
}
