import { LRUCache } from "lru-cache";
import {
  defaultMaxTokens,
  type CallServices,
  type NamedTimeouts,
  type Policy,
  type Timeouts,
} from "../call/index.ts";
import type { RetryPolicy } from "../resilience/index.ts";
import {
  openRouterRoute,
  portkeyFallback,
  portkeyGatewayRoute,
  portkeyPrimary,
  type Catalog,
  type Route,
  type RouteOptions,
} from "../routes/index.ts";
import type { Settings } from "../settings/index.ts";
import { mergeRequestFields } from "./call-options.ts";
import { readHeaders } from "./read-headers.ts";
import type { RoleConfig } from "./role-config.ts";
import type { ClientOptions, RoleOptions } from "./role-options.ts";

/** Maximum models chosen by runs whose routes are kept. */
const maxRoutesOfRuns = 100;

/** The parts that all roles of a gateway share. */
export interface RoleContext {
  readonly settings: Settings;
  readonly catalog: Catalog;
  readonly services: CallServices;
  readonly policies: readonly Policy[];
  readonly fetch?: typeof fetch | undefined;
}

/** The configuration of a role's calls: its routes with fallbacks, retries, timeouts and request fields. */
export function createRoleConfig(
  role: string,
  options: RoleOptions & ClientOptions,
  context: RoleContext,
): RoleConfig {
  const { settings, services, policies } = context;
  const { priority = 0, maxRetries, timeout, timeouts } = options;
  const model = modelOf(role, options.model, settings);
  const request = mergeRequestFields(
    options.request ?? {},
    entryOf(settings.agentRequests, role) ?? {},
  );
  const retryPolicy = retryPolicyOf(settings);
  const ofRoutes = routeOptions(role, options, context);
  return {
    policies,
    delivery: "passthrough",
    request: mergeRequestFields(
      { max_tokens: defaultMaxTokens },
      Object.keys(settings.provider).length > 0 ? { provider: settings.provider } : {},
      request,
    ),
    plan: {
      role,
      priority,
      services,
      routes: routesOf(context, { model, ...ofRoutes }),
      routeTo: keptRoutes((other) => routesOf(context, { model: other, ...ofRoutes })[0]),
      retryPolicy:
        maxRetries === undefined ? retryPolicy : { ...retryPolicy, maxAttempts: maxRetries + 1 },
      timeouts: {
        ...timeoutsOf(settings),
        ...(timeout === undefined ? {} : { attemptMs: timeout }),
        ...timeouts,
        names: {
          ...(timeout === undefined ? {} : { attemptMs: "the timeout of the model" }),
          ...namesOf(timeouts),
        },
      },
      maxRestarts: settings.streamRestarts,
    },
  };
}

/** The id of a role's model: the given one, or else that of `AGENT_MODEL_MAP`, or else `OPENROUTER_DEFAULT_MODEL`. */
export function modelOf(role: string, given: string | undefined, settings: Settings): string {
  return given ?? entryOf(settings.agentModels, role) ?? settings.defaultModel;
}

/** The entry of a role in a setting. A role may have the name of an object's method, such as `constructor`. */
export function entryOf<T>(entries: Readonly<Record<string, T>>, role: string): T | undefined {
  return Object.hasOwn(entries, role) ? entries[role] : undefined;
}

/** The server, key and headers in the options of a `ChatOpenAI`. */
function routeOptions(
  role: string,
  { apiKey, openAIApiKey, configuration = {} }: ClientOptions,
  { fetch }: RoleContext,
): Omit<RouteOptions, "model"> {
  const { baseURL, defaultHeaders, defaultQuery, fetch: own } = configuration;
  const headers = readHeaders(defaultHeaders, `modelFor("${role}")`);
  return {
    baseUrl: baseURL ?? undefined,
    query: defaultQuery as Record<string, string> | undefined,
    apiKey: (apiKey ?? openAIApiKey) as string | undefined,
    headers,
    fetch: (own as typeof fetch | undefined) ?? fetch,
  };
}

function routesOf(
  { settings, catalog }: RoleContext,
  route: RouteOptions,
): readonly [Route, ...Route[]] {
  const { preferredProvider, portkeyMode, fallbacks } = settings;
  const isPortkey = preferredProvider === "portkey";
  if (isPortkey && portkeyMode === "gateway") {
    return [portkeyGatewayRoute(settings, catalog, route)];
  }
  const primary = isPortkey ? portkeyPrimary : openRouterRoute;
  const { headers, fetch } = route;
  return [
    primary(settings, catalog, route),
    ...fallbacks.map((entry) => portkeyFallback(settings, catalog, { headers, fetch }, entry)),
  ];
}

/** Creates each route once: it remembers the parameters that its server has refused. */
function keptRoutes(create: (model: string) => Route): (model: string) => Route {
  let routes: LRUCache<string, Route> | undefined;
  return (model) => {
    routes ??= new LRUCache({ max: maxRoutesOfRuns });
    const route = routes.get(model) ?? create(model);
    routes.set(model, route);
    return route;
  };
}

function namesOf(timeouts: Partial<Timeouts> = {}): NonNullable<NamedTimeouts["names"]> {
  const given = Object.entries(timeouts).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name]) => [name, `timeouts.${name}`]));
}

export function timeoutsOf(settings: Settings): Timeouts {
  return {
    attemptMs: settings.requestTimeoutMs,
    firstTokenMs: settings.firstTokenTimeoutMs,
    stallMs: settings.stallTimeoutMs,
    readerMs: settings.readerTimeoutMs,
    callMs: settings.callTimeoutMs,
  };
}

export function retryPolicyOf(settings: Settings): RetryPolicy {
  return {
    maxAttempts: settings.maxRetries + 1,
    initialIntervalMs: settings.retryDelayMs,
    maxIntervalMs: settings.retryMaxDelayMs,
    backoffFactor: 2,
    retryOn: new Set(settings.retryableErrors),
  };
}
