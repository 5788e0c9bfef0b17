/** What is known of a request before it is sent. */
export interface CostEstimate {
  readonly promptTokens: number;
  /** The most that the answer may have, reasoning included: the request's `max_tokens`. */
  readonly maxTokens: number;
  /** US dollars for a token of the prompt, and of the answer, as the catalog lists them. */
  readonly promptUsd: number | undefined;
  readonly completionUsd: number | undefined;
  /** US dollars for the request itself, which some models charge. @defaultValue `0` */
  readonly requestUsd?: number | undefined;
}

/**
 * The most that a request can cost, in US dollars: its whole prompt, uncached, and an answer as
 * long as it may be.
 *
 * @returns `undefined` where a price is not known: no catalog lists the model, or, as for
 *   `openrouter/auto`, it lists a price of -1 because the model is chosen later
 */
export function estimateCost(request: CostEstimate): number | undefined {
  const { promptTokens, maxTokens, promptUsd, completionUsd, requestUsd = 0 } = request;
  if (!isPrice(promptUsd) || !isPrice(completionUsd) || !isPrice(requestUsd)) return undefined;
  return promptTokens * promptUsd + maxTokens * completionUsd + requestUsd;
}

function isPrice(usd: number | undefined): usd is number {
  return usd !== undefined && usd >= 0;
}

/**
 * About how many tokens a prompt has, guessed high: a token for every three letters or spaces,
 * one for each digit and sign, as some tokenizers take them one by one, and one for every two
 * bytes of what is not ASCII. With OpenAI's and Llama's tokenizers prose and code come out half
 * as high again to twice too high. Hashes, base64 and scripts that a tokenizer hardly knows can
 * come out too low.
 *
 * @param prompt - A text, or messages and tools, whose JSON is counted with its quotes and
 *   braces, for what the provider wraps around them.
 */
export function estimateTokens(prompt: unknown): number {
  const bytes = Buffer.from(typeof prompt === "string" ? prompt : (JSON.stringify(prompt) ?? ""));
  let sixths = 0;
  // By index: an iterator takes three times as long, and prompts are long.
  for (let index = 0; index < bytes.length; index += 1) sixths += sixthsOf[bytes[index] ?? 0] ?? 0;
  return Math.ceil(sixths / 6);
}

/** Sixths of a token for each byte. */
const sixthsOf = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0x80) return 3;
  return isLetterOrSpace(byte) ? 2 : 6;
});

function isLetterOrSpace(byte: number): boolean {
  // Control characters are whitespace, where text has any; 0x20 makes a letter a small one.
  return byte <= 0x20 || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a);
}
