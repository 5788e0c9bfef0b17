import type { CompletionChunk, Usage } from "@orchestra/core";
import { isObject, usages } from "@orchestra/core/extend";

/** Joins the reports of usage in an answer. Servers put them in several places, and the most complete one counts. */
export class ResponseUsage {
  #usage: Usage | undefined;
  #hasCost = false;

  add({ usage, x_groq: groq, choices }: CompletionChunk): void {
    const [choice] = choices ?? [];
    const given =
      usage ?? (choice as { readonly usage?: unknown } | undefined)?.usage ?? groq?.usage;
    if (!isObject(given) || Object.keys(given).length === 0) return;
    const read = usages.readUsage(given);
    this.#hasCost ||= read.costUsd > 0 || (given["cost"] ?? undefined) !== undefined;
    this.#usage = this.#usage ? usages.fullerUsage(this.#usage, read) : read;
  }

  /** In OpenAI's form, with OpenRouter's `cost` in US dollars; `null` without a report. */
  build(): object | null {
    if (!this.#usage) return null;
    const { promptTokens, completionTokens, cachedTokens, reasoningTokens, costUsd } = this.#usage;
    return {
      input_tokens: promptTokens,
      input_tokens_details: { cached_tokens: cachedTokens },
      output_tokens: completionTokens,
      output_tokens_details: { reasoning_tokens: reasoningTokens },
      total_tokens: promptTokens + completionTokens,
      ...(this.#hasCost ? { cost: costUsd } : {}),
    };
  }
}
