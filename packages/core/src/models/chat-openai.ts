import { ChatOpenAI, type ChatOpenAIFields } from "@langchain/openai";
import { leanFetch, WatchedCompletions } from "../transport/index.ts";

export interface ChatEndpoint {
  readonly model: string;
  readonly baseUrl: string;
  /** Bearer token; without one no `Authorization` is sent. */
  readonly apiKey?: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly maxTokens: number;
  readonly temperature?: number | undefined;
  /** Request fields that replace the call's own. */
  readonly overrides?: Readonly<Record<string, unknown>> | undefined;
  /** @defaultValue {@link leanFetch} */
  readonly fetch?: typeof fetch | undefined;
}

/**
 * A `ChatOpenAI` for single attempts at an endpoint: it neither retries nor times out by itself,
 * for one authority retries, and that is the role model.
 */
export function createChatOpenAI(endpoint: ChatEndpoint): ChatOpenAI {
  const { model, baseUrl, apiKey, headers, maxTokens, temperature, overrides } = endpoint;
  const { fetch = leanFetch } = endpoint;
  const fields: ChatOpenAIFields = {
    model,
    // The client insists on a key; where there is none, its header is taken off each request.
    apiKey: apiKey ?? "none",
    maxTokens,
    ...(temperature === undefined ? {} : { temperature }),
    maxRetries: 0,
    useResponsesApi: false,
    configuration: {
      baseURL: baseUrl,
      defaultHeaders: headers,
      // Taken from OPENAI_ORG_ID and OPENAI_PROJECT_ID otherwise, and sent to whom they do not concern.
      organization: null,
      project: null,
      maxRetries: 0,
      timeout: longestTimeoutMs,
      logLevel: "off",
      fetch,
    },
  };
  const completions = new WatchedCompletions(fields, overrides, apiKey === undefined);
  return new ChatOpenAI({ ...fields, completions });
}

/** The role model's own clock ends an attempt; the client's must never come first. */
const longestTimeoutMs = 2 ** 31 - 1;
