import type { KeyBudget } from "../resilience/budget/index.ts";
import type { EventListener } from "../usage/events.ts";

/** The key of the client that calls are made for: a server knows its clients by keys. */
export interface CallKey {
  /** Never the key itself. */
  readonly id: string;
  readonly name: string;
  /** What all calls of the key may cost. */
  readonly budget?: KeyBudget | undefined;
  /** Roles whose calls may be made for the key. @defaultValue all roles */
  readonly roles?: readonly string[] | undefined;
  /** Models that its clients may name, beside those that roles bring. @defaultValue all models */
  readonly models?: readonly string[] | undefined;
}

/** The run that a call belongs to. */
export interface RunScope {
  readonly runId: string;
  readonly traceId: string;
  /** Whether the run is this call alone: it ends with it. @defaultValue `false` */
  readonly isOneCall?: boolean | undefined;
  /** What the call is part of, for its events: an agent, or a tool. */
  readonly parentId?: string | undefined;
  readonly onEvent: EventListener | undefined;
  /** Models by role, in place of the roles' own. */
  readonly models?: Readonly<Record<string, string>> | undefined;
  readonly key?: CallKey | undefined;
  /** The end user of the run. @defaultValue the field `user` of a call's request */
  readonly user?: string | undefined;
}
