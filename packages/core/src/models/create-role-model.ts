import type { ChatOpenAIFields } from "@langchain/openai";
import { defaultMaxTokens, type CallServices, type Policy, type Timeouts } from "../call/index.ts";
import type { RequestFields } from "../completions/index.ts";
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
import { RoleModel } from "./role-model.ts";

/** What a role may bring to its model: every option of `ChatOpenAI`, and what is Orchestra's own. */
export interface RoleModelOptions extends Omit<ChatOpenAIFields, "model"> {
  /** @defaultValue `AGENT_MODEL_MAP`, else `OPENROUTER_DEFAULT_MODEL` */
  readonly model?: string | undefined;
  /** Request fields of the role, by their names on the wire. */
  readonly request?: RequestFields | undefined;
  /** Time limits of the role, in milliseconds. @defaultValue those of the settings */
  readonly timeouts?: Partial<Timeouts> | undefined;
  /** Place in the account's queue; higher goes first. @defaultValue `0` */
  readonly priority?: number | undefined;
}

export interface CreateRoleModelOptions {
  readonly role: string;
  readonly model: string;
  readonly options: RoleModelOptions;
  readonly settings: Settings;
  readonly catalog: Catalog;
  readonly services: CallServices;
  readonly policies: readonly Policy[];
  readonly fetch?: typeof fetch | undefined;
  /** The model for an `agent_type`; makes this the general model. */
  readonly route?: ((agentType: string) => RoleModel) | undefined;
}

/** A role's model, with the retries and the fallbacks that the settings ask for. */
export function createRoleModel(options: CreateRoleModelOptions): RoleModel {
  const { role, model, settings, services, policies } = options;
  const { request, timeouts, priority = 0, maxRetries, timeout, ...own } = options.options;
  const { configuration, streaming, ...chatFields } = own;
  const retryPolicy = retryPolicyOf(settings);
  return new RoleModel({
    ...chatFields,
    ...(streaming === undefined ? {} : { streaming }),
    model,
    // The route sends the key; a chat model that is inspected or serialized shows none.
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
        routes: routesOf(options, { model, ...routeOptions(options, configuration) }),
        retryPolicy:
          maxRetries === undefined ? retryPolicy : { ...retryPolicy, maxAttempts: maxRetries + 1 },
        timeouts: {
          ...timeoutsOf(settings),
          ...(timeout === undefined ? {} : { attemptMs: timeout }),
          ...timeouts,
        },
        maxRestarts: settings.streamRestarts,
      },
    },
  });
}

/** Where a `ChatOpenAI`'s own configuration leads its requests. */
function routeOptions(
  { options: { apiKey }, fetch }: CreateRoleModelOptions,
  configuration: ChatOpenAIFields["configuration"] = {},
): Omit<RouteOptions, "model"> {
  const { baseURL, defaultHeaders, defaultQuery, fetch: own } = configuration;
  const headers = readHeaders(defaultHeaders);
  return {
    baseUrl: baseURL ?? undefined,
    query: defaultQuery as Record<string, string> | undefined,
    apiKey: typeof apiKey === "string" ? apiKey : undefined,
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

function timeoutsOf(settings: Settings): Timeouts {
  return {
    attemptMs: settings.requestTimeoutMs,
    firstTokenMs: settings.firstTokenTimeoutMs,
    stallMs: settings.stallTimeoutMs,
    readerMs: settings.readerTimeoutMs,
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
