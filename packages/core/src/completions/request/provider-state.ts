import type { Fields } from "../../input/is-object.ts";

/**
 * Data that a provider adds to an answer and requires, unchanged, in the next request: reasoning with
 * its signatures. Other models cannot use it, and many refuse it.
 *
 * Source: https://openrouter.ai/docs/use-cases/reasoning-tokens#preserving-reasoning-blocks
 */
export interface ProviderState {
  readonly reasoning?: unknown;
  readonly reasoning_content?: unknown;
  /** Signed or encrypted blocks, such as Gemini's thought signatures. */
  readonly reasoning_details?: unknown;
  /** Google's own API keeps its thought signatures here, on messages and on tool calls. */
  readonly extra_content?: unknown;
}

export const stateFields = [
  "reasoning",
  "reasoning_content",
  "reasoning_details",
  "extra_content",
] as const;

/** Whether a message or a delta has any of it. */
export function hasProviderState(message: Fields): boolean {
  return stateFields.some((field) => !isEmpty(message[field]));
}

export function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === undefined || value === null || value === "";
}
