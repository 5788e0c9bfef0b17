import type { ChatOpenAIFields } from "@langchain/openai";
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
import { parseRequestFields } from "../completions/index.ts";
import { checkInput } from "../input/check-input.ts";
import { id } from "../input/schemas.ts";
import { mergeRequestFields } from "./call-options.ts";
import { readHeaders } from "./read-headers.ts";
import { roleModelOptions, type RoleModelOptions } from "./role-model-options.ts";
import { RoleModel } from "./role-model.ts";

/** Maximum models that runs have chosen whose routes are kept. */
const maxRoutesOfRuns = 100;

export interface CreateRoleModelOptions {
  readonly role: string;
  readonly model: string;
  readonly options: RoleModelOptions;
  readonly settings: Settings;
  readonly catalog: Catalog;
  readonly services: CallServices;
  readonly policies: readonly Policy[];
  readonly fetch?: typeof fetch | undefined;
  /** The model for an `agent_type`; creates the general model. */
  readonly route?: ((agentType: string) => RoleModel) | undefined;
}

/**
 * Checks the caller's options for a role's model.
 *
 * @throws {ArgumentError}
 */
export function checkRoleModelOptions(role: string, options: RoleModelOptions | undefined): void {
  checkInput(id, role, "modelFor()", "role");
  checkInput(roleModelOptions.optional(), options, `modelFor("${role}")`);
  if (options?.request) parseRequestFields(options.request, `modelFor("${role}")`);
}

/** A role's model, with the retries and the fallbacks of the settings. */
export function createRoleModel(options: CreateRoleModelOptions): RoleModel {
  const { role, model, settings, services, policies } = options;
  const { request, timeouts, priority = 0, maxRetries, timeout, ...own } = options.options;
  const { configuration, streaming, apiKey: _, openAIApiKey: __, ...chatFields } = own;
  const retryPolicy = retryPolicyOf(settings);
  const ofRoutes = routeOptions(options, configuration);
  return new RoleModel({
    ...chatFields,
    ...(streaming === undefined ? {} : { streaming }),
    model,
    // The route sends the key. A chat model that is inspected or serialized does not show it.
    apiKey: "none",
    maxRetries: 0,
    route: options.route,
    configuration: { baseURL: settings.baseUrl, organization: null, project: null },
    config: {
      policies,
      delivery: "passthrough",
      request: mergeRequestFields(
        { max_tokens: defaultMaxTokens },
        Object.keys(settings.provider).length > 0 ? { provider: settings.provider } : {},
        request ?? {},
      ),
      plan: {
        role,
        priority,
        services,
        routes: routesOf(options, { model, ...ofRoutes }),
        routeTo: keptRoutes((other) => routesOf(options, { model: other, ...ofRoutes })[0]),
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
    },
  });
}

/** The base URL of a `ChatOpenAI`'s own configuration. */
function routeOptions(
  { role, options, fetch }: CreateRoleModelOptions,
  configuration: ChatOpenAIFields["configuration"] = {},
): Omit<RouteOptions, "model"> {
  const { baseURL, defaultHeaders, defaultQuery, fetch: own } = configuration;
  const headers = readHeaders(defaultHeaders, `modelFor("${role}")`);
  return {
    baseUrl: baseURL ?? undefined,
    query: defaultQuery as Record<string, string> | undefined,
    apiKey: (options.apiKey ?? options.openAIApiKey) as string | undefined,
    headers,
    fetch: own ?? fetch,
  };
}

function routesOf(
  { settings, catalog }: CreateRoleModelOptions,
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

/** Creates a route once, because it remembers refused parameters. */
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
