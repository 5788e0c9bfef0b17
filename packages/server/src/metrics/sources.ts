import type { Gateway } from "@orchestra/core";
import type { Runtime } from "@orchestra/runtime";
import type { ActiveCalls } from "../active-calls.ts";
import type { Roles } from "../calls/roles.ts";

/** The sources of metrics. */
export interface MetricsSources {
  readonly gateway: Gateway;
  readonly runtime: Runtime | undefined;
  readonly roles: Roles;
  readonly calls: ActiveCalls;
}
