import { ChatOpenAI } from "@langchain/openai";
import { Orchestra, type Environment, type Logger, type OrchestraOptions } from "@orchestra/core";
import OpenAI from "openai";
import { benchModel } from "../servers/canned.ts";
import { environmentFor, environmentWithEverythingOn, key } from "./environments.ts";

export const maxTokens = 256;

/** An OpenAI client at a server. */
export function createOpenAI(baseURL: string, options: { readonly maxRetries?: number } = {}) {
  return new OpenAI({ apiKey: key, baseURL, maxRetries: 0, ...options });
}

export interface ChatOptions {
  readonly model?: string;
  readonly maxRetries?: number;
  readonly timeout?: number;
}

/** LangChain's own chat model, at a server. */
export function createChatOpenAI(baseURL: string, options: ChatOptions = {}): ChatOpenAI {
  return new ChatOpenAI({
    model: benchModel,
    apiKey: key,
    maxTokens,
    maxRetries: 0,
    useResponsesApi: false,
    ...options,
    configuration: { baseURL },
  });
}

/**
 * An orchestra for a server. Except for these options, it has the defaults. It has no limits and no log, because the
 * server has neither.
 */
export function createOrchestra(
  baseUrl: string,
  environment: Environment = {},
  options: OrchestraOptions = {},
): Orchestra {
  return new Orchestra({ environment: environmentFor(baseUrl, environment), ...options });
}

/** An orchestra with every limit, every budget, a fallback, a hedge and the log, each too high to ever apply. */
export function createOrchestraWithEverythingOn(baseUrl: string, logger: Logger): Orchestra {
  return new Orchestra({ environment: environmentWithEverythingOn(baseUrl), logger });
}
