import type { Fields } from "../input/is-object.ts";
import type { ResponseMetadata } from "../usage/response-metadata.ts";
import { readUsage } from "../usage/usage.ts";
import type { Completion } from "./wire.ts";

/**
 * Sets the usage of an answer that was streamed to the most complete one that the server reported: its last report
 * may have only zeros or the cost, and may be in another field. Changes the completion.
 */
export function setWholeUsage(
  completion: Completion,
  { usage, costSource }: ResponseMetadata,
): void {
  if (!usage) return;
  const { promptTokens, completionTokens, costUsd } = usage;
  const given = (completion.usage ?? {}) as unknown as Fields;
  const last = readUsage(given);
  const isWhole = last.promptTokens === promptTokens && last.completionTokens === completionTokens;
  if (isWhole && completion.usage) return;
  const cost = costSource === "server" ? { cost: costUsd } : {};
  completion.usage = {
    ...cost,
    ...given,
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}
