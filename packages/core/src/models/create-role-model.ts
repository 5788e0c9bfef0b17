import type { RetryPolicy } from "../resilience/index.ts";
import type { Settings } from "../settings/index.ts";
import type { Catalog } from "./catalog.ts";
import { openRouterCandidate, type ModelRequest } from "./openrouter.ts";
import { portkeyFallback, portkeyGatewayRoute, portkeyPrimary } from "./portkey.ts";
import { RoleModel } from "./role-model.ts";
import type { CallServices } from "./services.ts";
import type { Timeouts } from "./timeouts.ts";

export interface CreateRoleModelOptions {
  readonly role: string;
  readonly request: ModelRequest;
  readonly settings: Settings;
  readonly catalog: Catalog;
  readonly services: CallServices;
}

/** A role's model over ChatOpenAI, with the retries and the fallbacks that the settings ask for. */
export function createRoleModel(options: CreateRoleModelOptions): RoleModel {
  const { role, request, settings, catalog, services } = options;
  const isLeftToGateway =
    settings.preferredProvider === "portkey" && settings.portkeyMode === "gateway";
  const fallbacks = (isLeftToGateway ? [] : settings.fallbacks).map((entry) =>
    portkeyFallback(settings, catalog, request, entry),
  );
  return new RoleModel({
    role,
    candidates: [primaryOf(settings)(settings, catalog, request)],
    timeouts: timeoutsOf(settings),
    maxRestarts: settings.streamRestarts,
    services,
  })
    .withRetry(retryPolicyOf(settings))
    .withFallbacks(fallbacks).model;
}

function primaryOf({ preferredProvider, portkeyMode }: Settings) {
  if (preferredProvider === "openrouter") return openRouterCandidate;
  return portkeyMode === "gateway" ? portkeyGatewayRoute : portkeyPrimary;
}

function timeoutsOf(settings: Settings): Timeouts {
  return {
    attemptMs: settings.requestTimeoutMs,
    firstTokenMs: settings.firstTokenTimeoutMs,
    stallMs: settings.stallTimeoutMs,
    callMs: settings.callTimeoutMs,
  };
}

function retryPolicyOf(settings: Settings): RetryPolicy {
  return {
    maxAttempts: settings.maxRetries + 1,
    initialIntervalMs: settings.retryDelayMs,
    maxIntervalMs: settings.retryMaxDelayMs,
    backoffFactor: 2,
    retryOn: new Set(settings.retryableErrors),
  };
}
