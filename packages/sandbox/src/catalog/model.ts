import type { Dialect } from "../dialects/dialect.ts";

/** Prices in US dollars for one token. */
export interface Prices {
  readonly prompt: number;
  readonly completion: number;
  readonly cacheRead?: number;
}

/** A model of the catalogue. */
export interface Model {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly provider: string;
  readonly contextLength: number;
  readonly maxCompletionTokens: number;
  readonly prices: Prices;
  /** The parameters that OpenRouter lists for it; other parameters of a request are ignored. */
  readonly supportedParameters: readonly string[];
  /** The form of its answers, if it differs from OpenRouter's. */
  readonly dialect?: Dialect;
}

/** The author part of an id: `openai` of `openai/gpt-4o`. */
export function authorOf(id: string): string {
  return id.slice(0, Math.max(0, id.indexOf("/")));
}
