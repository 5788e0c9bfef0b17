import { LRUCache } from "lru-cache";
import { z } from "zod";
import {
  completeCall,
  failFast,
  neededPolicies,
  type CallServices,
  type Policy,
} from "../call/index.ts";
import type { DocumentCompletion } from "../completions/index.ts";
import { checkOptions } from "../input/check-input.ts";
import * as input from "../input/schemas.ts";
import {
  documentRequest,
  documentRoute,
  type Catalog,
  type DocumentRouteOptions,
  type Route,
} from "../routes/index.ts";
import type { Settings } from "../settings/index.ts";
import type { CallRecord, EventListener } from "../usage/index.ts";
import { scopeOf } from "./completions.ts";
import { retryPolicyOf, timeoutsOf } from "./create-role-config.ts";
import { readHeaders } from "./read-headers.ts";

/** Options of `orchestra.embeddings.create()` and `orchestra.rerank.create()`. */
export interface DocumentCallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Headers of this call's requests. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The run that the call belongs to. @defaultValue that of the node or tool that makes the call, or else a new one */
  readonly runId?: string | undefined;
  /** @defaultValue `TRACE_ID`, or else the run's id */
  readonly traceId?: string | undefined;
  /** Receives the call's events. */
  readonly onEvent?: EventListener | undefined;
  /** Timeout of one attempt, in milliseconds. @defaultValue `LLM_REQUEST_TIMEOUT` */
  readonly timeoutMs?: number | undefined;
  /**
   * For callers that can continue without an answer: whether the call fails at once while the circuit of its
   * model is open (`LLM_CIRCUIT_COOLDOWN`), and if the server does not respond in time.
   *
   * @defaultValue `false`: the call is sent, because there is no other model
   */
  readonly failFast?: boolean | undefined;
}

const optionsFields = {
  signal: input.signal,
  headers: input.object,
  runId: input.id,
  traceId: input.traceId,
  onEvent: input.callback,
  timeoutMs: input.durationMs,
  failFast: z.lazy(() => z.boolean()),
} satisfies Record<keyof DocumentCallOptions, z.ZodType>;

/** One kind of calls: its endpoint, and its format. */
export interface DocumentEndpoint<Result> extends Pick<
  DocumentRouteOptions,
  "path" | "textFields"
> {
  /** Name in records and events. */
  readonly role: string;
  readonly read: (body: Readonly<Record<string, unknown>>, texts: readonly string[]) => Result;
}

/** The input of one call. */
export interface DocumentCall {
  readonly model: string;
  readonly texts: readonly string[];
  /** Fields of the body in addition to the texts and the model. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly options: DocumentCallOptions;
  /** Name of the public function, for errors. */
  readonly where: string;
}

export interface DocumentCallsOptions extends Pick<DocumentRouteOptions, "catalog" | "fetch"> {
  readonly settings: Settings;
  readonly services: CallServices;
  readonly policies: readonly Policy[];
  readonly catalog: Catalog;
}

/** The advice of an error does not mention fallbacks. */
const noFallbacks: Policy = (next, { log }) => {
  log.fallbacks = "impossible";
  return next;
};

/** Maximum routes that are kept, with their refused parameters. */
const maxRoutes = 100;

/**
 * Calls of models that do not chat, with the same retries, limits, budgets and records as every other call of the
 * account. There are no fallbacks: vectors and scores of another model are not comparable.
 */
export class DocumentCalls {
  readonly #options: DocumentCallsOptions;
  readonly #routes = new LRUCache<string, Route>({ max: maxRoutes });

  constructor(options: DocumentCallsOptions) {
    this.#options = options;
  }

  /**
   * @throws {ArgumentError} for invalid options
   * @throws {CallFailedError} when retries are used up
   * @throws the signal's reason on an abort
   */
  async send<Result>(
    endpoint: DocumentEndpoint<Result>,
    { model, texts, fields, options, where }: DocumentCall,
  ): Promise<{ readonly result: Result; readonly record: CallRecord }> {
    checkOptions(optionsFields, options, where);
    const { settings, services, policies } = this.#options;
    const plan = {
      role: endpoint.role,
      routes: [this.#routeOf(model, endpoint)],
      retryPolicy: retryPolicyOf(settings),
      timeouts: timeoutsOf(settings),
      priority: 0,
      maxRestarts: 0,
      services,
    } as const;
    const scope = scopeOf(options, services);
    // Not a role of an agent: a key that allows the agent allows its search.
    const key = scope.key && { ...scope.key, roles: undefined, models: undefined };
    const needed = [noFallbacks, ...neededPolicies(policies, plan, key)];
    const { provider } = settings;
    const routing = Object.keys(provider).length > 0 ? { provider } : {};
    const { completion, record } = await completeCall(
      options.failFast ? [failFast, ...needed] : needed,
      plan,
      {
        request: documentRequest(model, texts, { ...routing, ...fields }),
        scope: { ...scope, key },
        signal: options.signal,
        headers: readHeaders(options.headers, where),
        attemptMs: options.timeoutMs,
      },
    );
    return { result: (completion as DocumentCompletion).result as Result, record };
  }

  #routeOf<Result>(model: string, { path, textFields, read }: DocumentEndpoint<Result>): Route {
    const key = JSON.stringify([path, model]);
    const known = this.#routes.get(key);
    if (known) return known;
    const { settings, catalog, fetch } = this.#options;
    const route = documentRoute({ model, path, textFields, read, settings, catalog, fetch });
    this.#routes.set(key, route);
    return route;
  }
}
