import { sendDocument, type ChatRequest } from "../completions/index.ts";
import { ModelError } from "../errors/index.ts";
import type { Fields } from "../input/is-object.ts";
import type { Settings } from "../settings/index.ts";
import type { Catalog } from "./catalog.ts";
import { endpointOf } from "./http-route.ts";
import { responseLimits } from "./response-limits.ts";
import { RouteMemory } from "./route-memory.ts";
import type { ModelInfo, Route } from "./route.ts";

export interface DocumentRouteOptions {
  readonly model: string;
  /** Of the endpoint, such as `/embeddings`. */
  readonly path: string;
  /**
   * The fields of the body that hold the texts of a call. In its request, they are the contents of its
   * messages, as in any call: estimates, records and policies know no other form.
   */
  readonly textFields: (texts: readonly string[]) => Fields;
  /** Reads the caller's result from an answer's body. */
  readonly read: (body: Fields, texts: readonly string[]) => unknown;
  readonly settings: Settings;
  readonly catalog: Catalog;
  readonly fetch?: typeof fetch | undefined;
}

/** A route to an endpoint of `OPENROUTER_BASE_URL` that is not for chat, and answers in one document. */
export function documentRoute(options: DocumentRouteOptions): Route {
  const { model, path, settings, catalog, fetch, textFields, read } = options;
  const endpoint = endpointOf(path, {
    baseUrl: settings.baseUrl,
    apiKey: settings.openRouterApiKey,
    defaultHeaders: settings.headers,
    fetch,
    limits: responseLimits(settings),
  });
  const memory = new RouteMemory();
  // A price of 0 for each token may come with one for each request.
  const withOwnPrice = (info: ModelInfo) => ({ ...info, isFree: model.endsWith(":free") });
  return {
    model,
    via: "openrouter",
    countsAgainstAccount: true,
    streamUpstream: false,
    memory,
    adapt: (request, { runId }) => {
      const fields = { session_id: runId, ...request, model };
      return memory.isEmpty ? fields : { ...memory.fit(fields), messages: request.messages };
    },
    structuredOutputMethod: () => "jsonMode",
    modelInfo: async () => withOwnPrice(await catalog.modelInfo(model, "jsonMode")),
    cachedModelInfo: () => withOwnPrice(catalog.cachedModelInfo(model, "jsonMode")),
    sendCompletion: (sent) => {
      // An answer has no tokens: their limit is for estimates.
      const { messages, max_tokens: _, ...fields } = sent.request;
      const texts = messages.map(({ content }) => (typeof content === "string" ? content : ""));
      const body = { ...fields, ...textFields(texts) };
      return sendDocument(endpoint, body, sent, (answer) => read(answer, texts));
    },
    openStream: () => Promise.reject(notStreamed(path)),
  };
}

function notStreamed(path: string): ModelError {
  return new ModelError(`POST ${path} answers in one piece: expected a call without a stream`, {
    kind: "invalid_request_error",
  });
}

/** A request whose texts are its messages. */
export function documentRequest(model: string, texts: readonly string[], fields: Fields) {
  const messages = texts.map((content) => ({ role: "user", content }) as const);
  return { ...fields, model, messages, max_tokens: 0 } satisfies ChatRequest;
}
