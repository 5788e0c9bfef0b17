import { Account, choosePolicies, createServices, type CallServices } from "../call/index.ts";
import { systemClock } from "../clock/index.ts";
import { messageOf } from "../errors/message-of.ts";
import { Catalog, nearestModels, OpenRouterApi } from "../routes/index.ts";
import {
  createRedactor,
  requestWarnings,
  resolveSettings,
  settingsWarnings,
  type Settings,
} from "../settings/index.ts";
import {
  createDefaultLogger,
  createEmitEvent,
  Ledger,
  logEvent,
  silentLogger,
  type EventListener,
  type Logger,
} from "../usage/index.ts";
import type { DocumentEndpoints } from "./document-endpoints.ts";
import type { OrchestraOptions } from "./orchestra-options.ts";
import { Roles } from "./roles.ts";

const maxCatalogWaitMs = 3000;
/** Source: https://openrouter.ai/docs/api-reference/list-available-models */
const documentModels = "/models?output_modalities=embeddings,rerank";

/** The parts that all calls of a gateway share, and that `new Orchestra(gateway)` shares too. */
export interface GatewayParts {
  readonly settings: Settings;
  readonly ledger: Ledger;
  readonly logger: Logger;
  readonly account: Account;
  /** The models for chat, with their prices. */
  readonly catalog: Catalog;
  readonly services: CallServices;
  readonly roles: Roles;
  /** Embeddings and rankings. Loaded by their first call: most programs make none. */
  readonly documentEndpoints: () => Promise<DocumentEndpoints>;
  /** The receivers of every event, in this order. */
  readonly listeners: EventListener[];
}

/** @throws {SettingsError} {@link ArgumentError} */
export function createParts(options: OrchestraOptions): GatewayParts {
  const { clock = systemClock, random, fetch, rateLimiter, budgetStore } = options;
  const settings = resolveSettings(options.settings, options.environment);
  const redact = createRedactor(settings);
  const logger = options.logger ?? createDefaultLogger({ level: settings.logLevel, redact });
  const warn = warnBy(logger);
  for (const warning of settingsWarnings(options.environment)) warn(warning);
  for (const warning of requestWarnings(settings)) warn(warning);
  const policies = choosePolicies(options.policies, (message) => warn(message));

  const { baseUrl, openRouterApiKey: apiKey } = settings;
  const api = new OpenRouterApi({ baseUrl, apiKey, clock, fetch });
  const account = new Account({
    settings,
    clock,
    api,
    limiter: rateLimiter,
    freeLimiter: options.freeModelRateLimiter,
    onError: (error) => warn(error.message),
  });
  const timeoutMs = Math.min(maxCatalogWaitMs, settings.requestTimeoutMs);
  const catalogOptions = { api, timeoutMs, clock, maxBytes: settings.maxCatalogBytes };
  const catalog = new Catalog(catalogOptions);
  // OpenRouter lists the models for embeddings and ranking only on request.
  const documentCatalog = new Catalog({ ...catalogOptions, path: documentModels });

  const ledger = new Ledger();
  const listeners: EventListener[] = [ledger.listen];
  const services = createServices({
    settings,
    account,
    api,
    clock,
    random,
    budgetStore,
    emit: createEmitEvent(listeners, (error) =>
      warn("A listener threw an error, which is ignored", { error: messageOf(error) }),
    ),
    emitsText: options.onEvent !== undefined,
    onError: (error) => warn(String(error)),
    nearestModels: async (id, isDocumentModel) => {
      const models = await (isDocumentModel ? documentCatalog : catalog).list();
      return nearestModels(id, models.keys());
    },
  });
  const roles = new Roles({ settings, catalog, services, policies, fetch });
  addListeners(listeners, options, { logger, roles, warn });
  let endpoints: DocumentEndpoints | undefined;
  const documentEndpoints = async () => {
    const { createDocumentEndpoints } = await import("./document-endpoints.ts");
    const shared = { settings, services, policies, catalog: documentCatalog, fetch };
    endpoints ??= createDocumentEndpoints(shared);
    return endpoints;
  };
  return {
    settings,
    ledger,
    logger,
    account,
    catalog,
    services,
    roles,
    documentEndpoints,
    listeners,
  };
}

type Warn = (message: string, fields?: object) => void;

function addListeners(
  listeners: EventListener[],
  { onCall, onEvent }: OrchestraOptions,
  { logger, roles, warn }: { readonly logger: Logger; readonly roles: Roles; readonly warn: Warn },
): void {
  if (logger !== silentLogger) listeners.push((event) => logEvent(logger, event));
  if (!roles.unknown.isEmpty) {
    listeners.push((event) => {
      if (event.type === "call-end") roles.unknown.report((message) => warn(message));
    });
  }
  if (onCall) {
    listeners.push((event) => (event.type === "call-end" ? onCall(event.record) : undefined));
  }
  if (onEvent) listeners.push(onEvent);
}

/** A log that fails must not fail the call that it records. */
function warnBy(logger: Logger): Warn {
  return (message, fields) => {
    try {
      const written: unknown = logger.warn(message, fields);
      if (written instanceof Promise) written.catch(() => undefined);
    } catch {
      // There is no other place to report it to.
    }
  };
}
