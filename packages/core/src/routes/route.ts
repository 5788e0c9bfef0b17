import type {
  ChatRequest,
  OpenStream,
  SendOptions,
  StructuredOutputMethod,
  WholeAnswer,
} from "../completions/index.ts";
import type { Via } from "../usage/call-record.ts";
import type { RouteMemory } from "./route-memory.ts";

/** One way to a model: the target of its requests, and the data that calls need. */
export interface Route {
  /** Requested model. */
  readonly model: string;
  readonly via: Via;
  /** Provider that the gateway uses; OpenRouter chooses its own. */
  readonly provider?: string | undefined;
  /** Whether its requests count against the OpenRouter account's limits. */
  readonly countsAgainstAccount: boolean;
  /** Whether whole answers are streamed from upstream, to see the first token and each one after it. */
  readonly streamUpstream: boolean;
  /** The models that a gateway tries itself in one request, the route's own one first. */
  readonly gatewayModels?: readonly string[] | undefined;
  /** The state of these fallbacks when the request has failed. */
  readonly gatewayFallbacks?: "gateway" | "withheld" | undefined;
  /** Share of the calls that try this fallback first. */
  readonly weight?: number | undefined;
  /** Fields, methods and forms that this route has refused. */
  readonly memory: RouteMemory;
  /** Headers of a single request, such as the trace id; names in lower case. */
  readonly headers?: ((traceId: string) => Readonly<Record<string, string>>) | undefined;
  /** The request as this route understands it. */
  readonly adapt: (request: ChatRequest, context: AdaptContext) => ChatRequest;
  /**
   * The best method of structured output for the model, except methods that it has refused. Returned
   * synchronously where it is known already.
   */
  readonly structuredOutputMethod: () => StructuredOutputMethod | Promise<StructuredOutputMethod>;
  /**
   * Known features and prices of the model; loaded when first needed.
   *
   * @param target - Index in {@link Route.gatewayModels}.
   * @defaultValue `0`
   */
  readonly modelInfo: (target?: number) => Promise<ModelInfo>;
  /** The data of another model that a request names, in its `models`. Absent if the route does not send that field. */
  readonly otherModelInfo?: ((model: string) => Promise<ModelInfo>) | undefined;
  /** {@link Route.modelInfo}, if it is loaded already: a failing call must not wait for it. */
  readonly cachedModelInfo: (target?: number) => ModelInfo;
  readonly sendCompletion: (options: SendOptions) => Promise<WholeAnswer>;
  readonly openStream: (options: SendOptions) => Promise<OpenStream>;
}

export interface AdaptContext {
  /** Whether this route is another one than the call's first. */
  readonly isFallback: boolean;
  readonly runId: string;
}

/** The data of a model that a call needs. */
export interface ModelInfo {
  /** The best method to request an answer in a schema. */
  readonly structuredOutputMethod: StructuredOutputMethod;
  readonly isFree: boolean;
  /** Tokens, prompt and answer together; unknown for models that are not listed. */
  readonly contextLength?: number | undefined;
  /** Names of the request parameters that the model takes; unknown for models that are not listed. */
  readonly supportedParameters?: ReadonlySet<string> | undefined;
  /** US dollars for a token of the prompt, and of the answer. */
  readonly promptUsd?: number | undefined;
  readonly completionUsd?: number | undefined;
  /** US dollars for a request, in addition to its tokens. */
  readonly requestUsd?: number | undefined;
  /** Whether the catalog could not be loaded, and is requested again. */
  readonly isMissing?: true;
  /** Whether the catalog lists models, and not this one. */
  readonly isUnlisted?: true;
}

/** The routes in the order of one call: as given, or drawn by weight if any has one. */
export function orderByWeight(routes: readonly Route[], random: () => number): readonly Route[] {
  if (routes.every(({ weight }) => weight === undefined)) return routes;
  // Efraimidis and Spirakis: sorting by random^(1/weight) draws without replacement by weight.
  const drawn = routes.map((route) => ({ route, rank: random() ** (1 / (route.weight ?? 1)) }));
  return drawn.toSorted((a, b) => b.rank - a.rank).map(({ route }) => route);
}
