import type { Clients } from "./access/clients.ts";
import type { Gateway } from "@orchestra/core";
import type { Runtime } from "@orchestra/runtime";
import type { ActiveCalls } from "./active-calls.ts";
import type { Agents } from "./agents/served-agent.ts";
import type { AnswerError } from "./errors/answer-errors.ts";
import type { Roles } from "./calls/roles.ts";
import type { Health } from "./health/readiness.ts";
import type { ServerMetrics } from "./metrics/server-metrics.ts";
import type { ServerSettings } from "./server-settings.ts";

/** Shared by all requests. */
export interface ServerContext {
  readonly gateway: Gateway;
  /** Absent if the server has no runs. */
  readonly runtime: Runtime | undefined;
  readonly settings: ServerSettings;
  readonly clients: Clients;
  readonly roles: Roles;
  readonly agents: Agents;
  readonly calls: ActiveCalls;
  readonly health: Health;
  readonly metrics: ServerMetrics;
  /** Creates the error response for a thrown value. */
  readonly answerError: AnswerError;
}
